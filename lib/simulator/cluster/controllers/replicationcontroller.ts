/**
 * ReplicationController: the ReplicaSet of the first days, with a plain map as its selector.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/
 */
import { matchesLabels } from '../../../kubernetes/selectors';
import type { ControllerDefinition } from './controller';
import { replicaController } from './replicas';

export const replicationControllerController: ControllerDefinition = {
  name: 'replicationcontroller-controller',
  serviceAccount: 'replication-controller',
  create: (context) =>
    replicaController(context, {
      collection: 'replicationcontrollers',
      group: '',
      kind: 'ReplicationController',
      matcher: (controller) => {
        const selector = controller.spec.selector ?? {};
        // An empty selector selects nothing, unlike a LabelSelector.
        return (labels) => Object.keys(selector).length > 0 && matchesLabels(selector, labels);
      },
    }),
};
