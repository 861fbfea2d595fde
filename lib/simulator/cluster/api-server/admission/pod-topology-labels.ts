/**
 * A Pod learns the zone and region of its node by labels, when it is bound to it, so that the downward API can show them.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podtopologylabels
 */
import type { AdmissionPlugin } from './admission';

const TOPOLOGY = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

export const podTopologyLabels: AdmissionPlugin = {
  name: 'PodTopologyLabels',
  handles: ['CREATE'],
  admit({ resource, subresource, object }, { store }) {
    if (resource.collection !== 'pods' || (subresource !== '' && subresource !== 'binding')) return;
    const { metadata, spec, target } = object!;
    const isBinding = subresource === 'binding';
    if (isBinding && target?.kind !== 'Node') return;
    const node: string | undefined = isBinding ? target.name : spec.nodeName;
    const labels = node ? store.get('nodes', undefined, node)?.metadata.labels : undefined;
    if (!labels) return;
    for (const key of TOPOLOGY) {
      if (labels[key] !== undefined && metadata.labels?.[key] === undefined) {
        metadata.labels = { ...metadata.labels, [key]: labels[key] };
      }
    }
  },
};
