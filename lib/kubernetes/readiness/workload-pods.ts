/**
 * What the Pods of a workload say about why it is not there yet.
 */
import type { KubernetesObject } from '../object';
import { podTrouble } from './pod-trouble';
import { failed, inProgress, type Readiness, type Surroundings } from './readiness';

/** Takes a workload's "not yet" and adds the cause that its Pods show. A hopeless Pod makes it Failed. */
export function explainWithPods(notYet: Readiness, surroundings: Surroundings): Readiness {
  let worst: { rank: number; pod: KubernetesObject; trouble: NonNullable<ReturnType<typeof podTrouble>> } | undefined;
  for (const pod of surroundings.pods ?? []) {
    if (pod.metadata.deletionTimestamp) continue;
    const trouble = podTrouble(pod, { ...surroundings, events: eventsAbout(pod, surroundings.events) });
    if (!trouble) continue;
    const rank = trouble.hopeless ? 0 : 1;
    if (!worst || rank < worst.rank) worst = { rank, pod, trouble };
  }
  if (worst) {
    const { pod, trouble } = worst;
    const message = `${notYet.message}; Pod ${pod.metadata.name}: ${trouble.message}`;
    return trouble.hopeless ? failed(message, trouble.reason) : inProgress(message, trouble.reason);
  }
  // Once Pods could be made again, what stood in the way before is of no interest.
  const attempt = surroundings.events?.findLast(
    ({ reason }) => reason === 'FailedCreate' || reason === 'SuccessfulCreate',
  );
  if (attempt?.reason !== 'FailedCreate') return notYet;
  return inProgress(`${notYet.message}; ${attempt.message}`, 'FailedCreate');
}

export function eventsAbout(object: KubernetesObject, events: readonly KubernetesObject[] = []): KubernetesObject[] {
  const { uid, name } = object.metadata;
  return events.filter(({ involvedObject }) =>
    involvedObject?.uid ? involvedObject.uid === uid : involvedObject?.name === name,
  );
}
