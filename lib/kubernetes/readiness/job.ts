/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions */
import type { KubernetesObject } from '../object';
import { conditionOf, current, failed, inProgress, messageOf, type Readiness, type Surroundings } from './readiness';
import { explainWithPods } from './workload-pods';

export function jobReadiness(job: KubernetesObject, surroundings: Surroundings): Readiness {
  const { spec, status = {} } = job;
  const failure = conditionOf(job, 'Failed');
  if (failure?.status === 'True') return failed(messageOf(failure), failure.reason);
  const { succeeded = 0 } = status;
  if (conditionOf(job, 'Complete')?.status === 'True') return current(`${succeeded} succeeded`);
  if (spec.suspend) return current('suspended');
  const wanted = spec.completions ?? 1;
  const running = inProgress(`${succeeded} of ${wanted} succeeded, ${status.active ?? 0} running`);
  // A failed Pod is the Job's to retry: what is hopeless for the Pod is not for the Job until it says so.
  const pods = surroundings.pods?.filter((pod) => pod.status?.phase !== 'Failed');
  return explainWithPods(running, { ...surroundings, pods });
}
