/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status */
import type { KubernetesObject } from '../object';
import { conditionOf, current, failed, inProgress, type Readiness, type Surroundings } from './readiness';
import { explainWithPods } from './workload-pods';

export function deploymentReadiness(deployment: KubernetesObject, surroundings: Surroundings): Readiness {
  if (deployment.spec.paused) return current('the rollout is paused');
  const wanted: number = deployment.spec.replicas ?? 1;
  const notYet = unfinished(deployment, wanted);
  if (notYet === undefined) return current(`${wanted} of ${wanted} replicas available`);
  const explained = explainWithPods(inProgress(notYet), surroundings);
  if (conditionOf(deployment, 'Progressing')?.reason !== 'ProgressDeadlineExceeded') return explained;
  const deadline = deployment.spec.progressDeadlineSeconds ?? 600;
  return failed(`no progress for ${deadline}s: ${explained.message}`, 'ProgressDeadlineExceeded');
}

/**
 * In the order in which a rollout goes: new Pods are made, old ones go, new ones become available. `status.replicas`
 * counts old and new Pods. With 3 wanted and one surge: 3 updated, 4 in all, 3 available means that one old Pod is left.
 */
function unfinished(deployment: KubernetesObject, wanted: number): string | undefined {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = deployment.status ?? {};
  if (updatedReplicas < wanted) return `${updatedReplicas} of ${wanted} replicas updated`;
  if (replicas > updatedReplicas) return `${replicas - updatedReplicas} old replicas to stop`;
  if (availableReplicas < updatedReplicas) return `${availableReplicas} of ${wanted} replicas available`;
  if (replicas > wanted) return `${replicas - wanted} surplus replicas to stop`;
  if (conditionOf(deployment, 'Available')?.status === 'False') return 'not available yet';
  return undefined;
}
