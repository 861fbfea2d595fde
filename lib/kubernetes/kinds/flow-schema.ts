/** FlowSchemas: which requests go to which priority level. https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ */

import type { KubernetesObject } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';
import { validateFlowSchema, validateLevelStatus } from './flow-control-rules';

export const flowSchema = defineKind({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'FlowSchema',
  resource: 'flowschemas',
  metadataCheckedOnce: true,
  namespaced: false,
  defaults: ({ spec }) => {
    if (spec && !spec.matchingPrecedence) spec.matchingPrecedence = 1000;
  },
  generation: 'spec',
  status: { resets: 'spec and metadata', validate: (next, _old, errors) => validateLevelStatus(next, errors) },
  validate: validateFlowSchema,
  cells: (object, context) => {
    const { spec = {} } = object;
    return [
      object.metadata.name!,
      spec.priorityLevelConfiguration?.name || '<none>',
      spec.matchingPrecedence ?? 0,
      spec.distinguisherMethod?.type ?? '<none>',
      age(object, context),
      missingLevel(object),
    ];
  },
});

function missingLevel({ status }: KubernetesObject): string {
  const dangling = (status?.conditions ?? []).find(({ type }: any) => type === 'Dangling');
  return dangling?.status ?? '?';
}
