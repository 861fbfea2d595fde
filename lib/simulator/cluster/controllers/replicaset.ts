/**
 * ReplicaSet: so many pods of one template, found by a label selector.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/
 */
import type { ControllerDefinition } from './controller';
import { matcherOf } from './ownership';
import { replicaController } from './replicas';

export const replicaSetController: ControllerDefinition = {
  name: 'replicaset-controller',
  serviceAccount: 'replicaset-controller',
  create: (context) =>
    replicaController(context, {
      collection: 'replicasets.apps',
      group: 'apps',
      kind: 'ReplicaSet',
      matcher: (replicaSet) => matcherOf(replicaSet.spec.selector),
    }),
};
