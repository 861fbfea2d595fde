/** https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/ */
import type { KubernetesObject } from '../object';
import { current, inProgress, type Readiness, type Surroundings } from './readiness';
import { explainWithPods } from './workload-pods';

export function daemonSetReadiness(daemonSet: KubernetesObject, surroundings: Surroundings): Readiness {
  const { status = {} } = daemonSet;
  // Only the controller knows how many nodes there are for it.
  if (status.observedGeneration === undefined) return inProgress('not looked at by its controller yet');
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status;
  const rolling = daemonSet.spec.updateStrategy?.type !== 'OnDelete';
  if (rolling && updatedNumberScheduled < wanted) {
    return explainWithPods(inProgress(`${updatedNumberScheduled} of ${wanted} Pods updated`), surroundings);
  }
  if (numberAvailable < wanted) {
    return explainWithPods(inProgress(`${numberAvailable} of ${wanted} Pods available`), surroundings);
  }
  return current(`${wanted} of ${wanted} Pods available`);
}
