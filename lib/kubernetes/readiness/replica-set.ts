/** https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/ and its older form, the ReplicationController. */
import type { KubernetesObject } from '../object';
import { conditionOf, current, inProgress, messageOf, type Readiness, type Surroundings } from './readiness';
import { explainWithPods } from './workload-pods';

export function replicaSetReadiness(replicaSet: KubernetesObject, surroundings: Surroundings): Readiness {
  const wanted: number = replicaSet.spec.replicas ?? 1;
  const { replicas = 0, availableReplicas = 0 } = replicaSet.status ?? {};
  // Quota and admission refuse Pods with reasons that may pass, so this alone is no failure.
  const failure = conditionOf(replicaSet, 'ReplicaFailure');
  if (failure?.status === 'True') return inProgress(messageOf(failure), failure.reason);
  if (replicas > wanted) return inProgress(`${replicas - wanted} surplus replicas to stop`);
  if (availableReplicas < wanted) {
    return explainWithPods(inProgress(`${availableReplicas} of ${wanted} replicas available`), surroundings);
  }
  return current(`${wanted} of ${wanted} replicas available`);
}
