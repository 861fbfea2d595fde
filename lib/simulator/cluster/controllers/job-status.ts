/**
 * Where a Job stands: its pods counted, and whether that is the end.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup
 */
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { findCondition } from './conditions';
import { indexOf, parseIndexes } from './job-indexes';
import { FAILURE_COUNT, isTracked } from './job-pod';
import { type FailureVerdict, fulfilledSuccessRule, judgeFailure } from './job-policies';
import { isPodActive, isPodReady, isPodTerminating, maxRestarts } from './pods';

/** The pods of a Job in one reconcile, and what follows from them. */
export interface JobCount {
  readonly active: readonly KubernetesObject[];
  readonly ready: number;
  readonly terminating: number;
  /** Ended and not counted yet. */
  readonly newlySucceeded: readonly KubernetesObject[];
  readonly newlyFailed: readonly { readonly pod: KubernetesObject; readonly verdict: FailureVerdict }[];
  /** In all, the new ones included. */
  readonly succeeded: number;
  readonly failed: number;
  readonly succeededIndexes: ReadonlySet<number>;
  /** Only with backoffLimitPerIndex. */
  readonly failedIndexes: ReadonlySet<number>;
}

export const isIndexed = ({ spec }: KubernetesObject): boolean => spec.completionMode === 'Indexed';
export const isSuspended = ({ spec }: KubernetesObject): boolean => spec.suspend ?? false;

/** Replacements wait until a pod has really ended, not only been asked to. */
export function replacesOnlyFailed({ spec }: KubernetesObject): boolean {
  return spec.podReplacementPolicy === 'Failed';
}

export function countPods(job: KubernetesObject, pods: readonly KubernetesObject[]): JobCount {
  const { spec, status = {} } = job;
  const indexed = isIndexed(job);
  const uncounted = pods.filter(isTracked);
  const succeededPods = uncounted.filter((pod) => pod.status?.phase === 'Succeeded');
  const failures = uncounted
    .filter((pod) => hasFailed(job, pod))
    .map((pod) => ({ pod, verdict: judgeFailure(job, pod) }));
  const succeededIndexes = indexed ? parseIndexes(status.completedIndexes, spec.completions) : new Set<number>();
  const failedIndexes = indexed ? parseIndexes(status.failedIndexes, spec.completions) : new Set<number>();
  const newlySucceeded = succeededPods.filter((pod) => {
    if (!indexed) return true;
    const index = indexOf(pod);
    if (index === undefined || index >= spec.completions || succeededIndexes.has(index)) return false;
    succeededIndexes.add(index);
    return true;
  });
  for (const { pod, verdict } of failures) {
    const index = indexOf(pod);
    if (index !== undefined && endsIndex(job, pod, verdict)) failedIndexes.add(index);
  }
  for (const index of succeededIndexes) failedIndexes.delete(index);
  const active = pods.filter(isPodActive);
  return {
    active,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter(isPodTerminating).length,
    newlySucceeded: succeededPods,
    newlyFailed: failures,
    succeeded: indexed ? succeededIndexes.size : (status.succeeded ?? 0) + newlySucceeded.length,
    failed: (status.failed ?? 0) + failures.filter(({ verdict }) => verdict.action !== 'Ignore').length,
    succeededIndexes,
    failedIndexes,
  };
}

/** A pod that was deleted counts as failed at once, unless replacements wait for the end. */
function hasFailed(job: KubernetesObject, pod: KubernetesObject): boolean {
  const phase = pod.status?.phase;
  if (phase === 'Failed') return true;
  return !replacesOnlyFailed(job) && isTerminating(pod) && phase !== 'Succeeded';
}

/** An index that failed once more than backoffLimitPerIndex allows, or that the policy gives up. */
function endsIndex({ spec }: KubernetesObject, pod: KubernetesObject, { action }: FailureVerdict): boolean {
  if (spec.backoffLimitPerIndex === undefined) return false;
  if (action === 'FailIndex') return true;
  const before = Number(pod.metadata.annotations?.[FAILURE_COUNT] ?? 0);
  return action !== 'Ignore' && before >= spec.backoffLimitPerIndex;
}

/** The end to which a Job has come, even if pods still have to go. */
export interface JobEnd {
  readonly success: boolean;
  readonly reason: string;
  readonly message: string;
}

export function findEnd(job: KubernetesObject, count: JobCount, now: number): JobEnd | undefined {
  const told = endToldBefore(job);
  if (told) return told;
  const fail = (reason: string, message: string): JobEnd => ({ success: false, reason, message });
  const { spec } = job;
  const failJob = count.newlyFailed.find(({ verdict }) => verdict.action === 'FailJob');
  if (failJob) return fail('PodFailurePolicy', failJob.verdict.message!);
  if (count.failed > (spec.backoffLimit ?? 6) || restartedTooOften(job, count)) {
    return fail('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  if (isPastDeadline(job, now)) return fail('DeadlineExceeded', 'Job was active longer than specified deadline');
  const rule = isIndexed(job) ? fulfilledSuccessRule(job, count.succeededIndexes) : undefined;
  if (rule !== undefined) return { success: true, reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` };
  const failedIndexes = count.failedIndexes.size;
  if (failedIndexes > (spec.maxFailedIndexes ?? Number.POSITIVE_INFINITY)) {
    return fail('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  }
  if (failedIndexes > 0 && count.succeededIndexes.size + failedIndexes >= spec.completions) {
    return fail('FailedIndexes', 'Job has failed indexes');
  }
  const done =
    spec.completions === undefined
      ? count.succeeded > 0 && count.active.length === 0
      : count.succeeded >= spec.completions;
  if (!done || isSuspended(job)) return undefined;
  return { success: true, reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
}

/** The first half of the end is in the status already: success criteria met, or failure inevitable. */
function endToldBefore({ status }: KubernetesObject): JobEnd | undefined {
  for (const type of ['SuccessCriteriaMet', 'FailureTarget']) {
    const condition = findCondition(status?.conditions, type);
    if (condition?.status !== 'True') continue;
    return { success: type === 'SuccessCriteriaMet', reason: condition.reason!, message: condition.message! };
  }
  return undefined;
}

/** With restartPolicy OnFailure the kubelet restarts containers in place; those restarts count. */
function restartedTooOften({ spec }: KubernetesObject, { active }: JobCount): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false;
  const restarts = active.reduce((total, pod) => total + maxRestarts(pod), 0);
  return spec.backoffLimit === 0 ? restarts > 0 : restarts >= (spec.backoffLimit ?? 6);
}

export function deadlineOf({ spec, status }: KubernetesObject): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || !status?.startTime || spec.suspend) return undefined;
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000;
}

function isPastDeadline(job: KubernetesObject, now: number): boolean {
  const deadline = deadlineOf(job);
  return deadline !== undefined && now >= deadline;
}
