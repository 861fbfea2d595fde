/** PodDisruptionBudgets: how many Pods may go at once. https://kubernetes.io/docs/concepts/workloads/pods/disruptions/ */
import { age } from './cells';
import { defineKind } from './define-kind';

export const podDisruptionBudget = defineKind({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  resource: 'poddisruptionbudgets',
  generation: 'spec',
  status: { initial: () => ({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }) },
  allowUnconditionalUpdate: false,
  cells: (object, context) => {
    const { metadata, spec = {}, status = {} } = object;
    return [
      metadata.name!,
      spec.minAvailable === undefined ? 'N/A' : `${spec.minAvailable}`,
      spec.maxUnavailable === undefined ? 'N/A' : `${spec.maxUnavailable}`,
      status.disruptionsAllowed ?? 0,
      age(object, context),
    ];
  },
});
