/**
 * A new node takes no Pods before it is known to be ready.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#taintnodesbycondition
 */
import type { AdmissionPlugin } from './admission';

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  handles: ['CREATE'],
  admit({ resource, subresource, object }, { options }) {
    if (!options.taintNewNodes || resource.collection !== 'nodes' || subresource !== '') return;
    const node = object!;
    const taints: any[] = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return;
    node.spec = { ...node.spec, taints: [...taints, { ...NOT_READY }] };
  },
};
