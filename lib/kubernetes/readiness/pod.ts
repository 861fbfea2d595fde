/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ */
import { controllerOf, type KubernetesObject } from '../object';
import { podTrouble } from './pod-trouble';
import { conditionOf, current, failed, inProgress, type Readiness, type Surroundings } from './readiness';
import { eventsAbout } from './workload-pods';

export function podReadiness(pod: KubernetesObject, surroundings: Surroundings): Readiness {
  const phase = pod.status?.phase ?? 'Pending';
  if (phase === 'Succeeded') return current('succeeded');
  if (phase === 'Failed' && controllerOf(pod)?.kind === 'Job') return current('failed; its Job decides what follows');
  if (phase === 'Running' && conditionOf(pod, 'Ready')?.status === 'True') return current('running and ready');
  const trouble = podTrouble(pod, { ...surroundings, events: eventsAbout(pod, surroundings.events) });
  if (trouble)
    return trouble.hopeless ? failed(trouble.message, trouble.reason) : inProgress(trouble.message, trouble.reason);
  if (phase === 'Running') return inProgress('running, not ready yet');
  return inProgress(pod.spec?.nodeName ? `starting on ${pod.spec.nodeName}` : 'waiting for a node');
}
