/**
 * The sentence people read when a pod fits nowhere:
 * `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. <what preemption says>`
 * https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/#my-pod-stays-pending
 */
import type { Attempt } from './cycle';
import type { Rejection } from './framework';

const NO_NODES = 'no nodes available to schedule pods';

/** @param postFilterMessage what PostFilter (preemption) has to say; empty for nothing. */
export function fitErrorMessage(attempt: Attempt, postFilterMessage: string): string {
  if (attempt.nodeCount === 0) return NO_NODES;
  let message = `0/${attempt.nodeCount} nodes are available:`;
  if (attempt.refusedOutright) {
    message += ` ${attempt.refusedOutright.reasons.join(', ')}.`;
  } else {
    const counts = countReasons(rejectionsOf(attempt));
    if (counts.size > 0) message += ` ${histogram(counts)}.`;
  }
  return postFilterMessage === '' ? message : `${message} ${postFilterMessage}`;
}

/** The verdict on every node of the cluster, also on those that PreFilter had excluded. */
export function* rejectionsOf(attempt: Attempt): Iterable<Rejection> {
  yield* attempt.refused.values();
  if (!attempt.notLookedAt) return;
  const looked = attempt.refused.size + attempt.feasible.length;
  for (let i = looked; i < attempt.nodeCount; i++) yield attempt.notLookedAt;
}

export function countReasons(rejections: Iterable<Rejection>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { reasons } of rejections) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}

/** `1 node(s) were unschedulable, 2 Insufficient cpu`: sorted as text. */
export function histogram(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
