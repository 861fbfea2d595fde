/**
 * Job: pods that run to completion, so many at a time, until so many succeeded or too many failed.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/
 *
 * A pod that ended keeps a finalizer until it is counted in the status, so that none is forgotten or counted twice. The end
 * comes in two steps: SuccessCriteriaMet or FailureTarget as soon as it is known, Complete or Failed when the last pod is gone.
 *
 * Left out: the intermediate state of `uncountedTerminatedPods` - here counting and releasing are one step - and a delay
 * per index with backoffLimitPerIndex: then each index waits for itself.
 */
import { semanticEqual } from '../../../kubernetes/equality';
import {
  type Condition,
  controllerOf,
  formatTime,
  isTerminating,
  type KubernetesObject,
} from '../../../kubernetes/object';
import { isNotFound, type StatusError } from '../../../kubernetes/status-error';
import { findCondition, omitEmpty, withCondition } from './conditions';
import {
  type Controller,
  type ControllerContext,
  type ControllerDefinition,
  nameOf,
  type Requeue,
  splitName,
} from './controller';
import { byDeletionRank } from './deletion-rank';
import { formatIndexes, indexOf } from './job-indexes';
import { FAILURE_COUNT, isTracked, jobPod, TRACKING } from './job-pod';
import {
  countPods,
  deadlineOf,
  findEnd,
  isIndexed,
  isSuspended,
  type JobCount,
  type JobEnd,
  replacesOnlyFailed,
} from './job-status';
import { claim, controlledBy, indexOwnership, matcherOf } from './ownership';
import { podControl } from './pod-control';
import { slowStart } from './slow-start';

const JOBS = 'jobs.batch';
const MANAGED_BY_US = 'kubernetes.io/job-controller';
const BURST = 500;
/** Changes of pods within a second are dealt with together. */
const BATCH_MS = 1_000;
const FIRST_BACKOFF_MS = 10_000;
const LAST_BACKOFF_MS = 600_000;

export const jobController: ControllerDefinition = {
  name: 'job-controller',
  serviceAccount: 'job-controller',
  create: createJobController,
};

export function isJobFinished({ status }: KubernetesObject): boolean {
  return ['Complete', 'Failed'].some((type) => findCondition(status?.conditions, type)?.status === 'True');
}

function createJobController(context: ControllerContext): Controller {
  const { store, client, events } = context;
  const { clock } = context.simulation;
  const control = podControl(context);
  /** Failures since the last success, by uid of the Job: the next pods wait the longer the more there were. */
  const failures = new Map<string, { count: number; last: number }>();
  indexOwnership(store, 'pods');

  function reconcile(name: string): Requeue | undefined {
    if (name.startsWith(ORPHAN)) return releaseOrphan(name.slice(ORPHAN.length));
    const key = splitName(name);
    const job = store.get(JOBS, key.namespace, key.name);
    if (!job || (job.spec.managedBy ?? MANAGED_BY_US) !== MANAGED_BY_US) return undefined;
    // Of a Job on its way out nothing is counted any more, and its pods must not wait for that.
    if (isJobFinished(job) || isTerminating(job)) {
      for (const pod of controlledBy(store, 'pods', job)) if (isTracked(pod)) release(pod);
      return undefined;
    }
    const matches = matcherOf(job.spec.selector);
    const pods = claim({ store, client, collection: 'pods', owner: job, matches });
    const count = countPods(job, pods);
    noteFailures(job, count);
    const end = findEnd(job, count, clock.now());
    const result = end ? stopPods(job, count) : manage(job, count);
    for (const pod of [...count.newlySucceeded, ...count.newlyFailed.map(({ pod }) => pod)]) release(pod);
    writeStatus(job, count, { end, active: result.active, stopped: result.stopped ?? 0 });
    if (result.error) throw result.error;
    return result.requeue ?? deadlineRequeue(job);
  }

  interface Managed {
    /** How many pods are active now. */
    readonly active: number;
    /** How many were told to go. */
    readonly stopped?: number;
    readonly error?: StatusError | undefined;
    readonly requeue?: Requeue;
  }

  /** Deletes what is too much, or creates what is missing; never both at once. */
  function manage(job: KubernetesObject, count: JobCount): Managed {
    const active = count.active.length;
    const wanted = isSuspended(job) ? 0 : wantedActive(job, count);
    const surplus = pick(job, count, Math.max(0, active - wanted)).slice(0, BURST);
    if (surplus.length > 0 || isSuspended(job)) return deletePods(job, count, surplus);
    const going = replacesOnlyFailed(job) ? count.terminating : 0;
    const missing = Math.min(wanted - active - going, BURST);
    if (missing <= 0) return { active };
    const wait = isPerIndex(job) ? 0 : remainingBackoff(job);
    if (wait > 0) return { active, requeue: { afterMs: wait } };
    const { pods, afterMs } = isIndexed(job)
      ? indexedPods(job, count, missing)
      : { pods: Array.from({ length: missing }, () => jobPod(job)), afterMs: undefined };
    const { successes, error } = slowStart(pods.length, (i) => control.create(job, pods[i]!));
    return { active: active + successes, error, ...(afterMs === undefined ? {} : { requeue: { afterMs } }) };
  }

  function stopPods(job: KubernetesObject, count: JobCount): Managed {
    return deletePods(job, count, count.active);
  }

  function deletePods(job: KubernetesObject, count: JobCount, pods: readonly KubernetesObject[]): Managed {
    const errors = pods.map((pod) => control.remove(job, pod));
    const stopped = errors.filter((error) => error === undefined).length;
    return { active: count.active.length - stopped, stopped, error: errors.find((error) => error !== undefined) };
  }

  /** Of an Indexed Job, first those of which there are two, or whose number is not wanted any more. */
  function pick(job: KubernetesObject, count: JobCount, atLeast: number): KubernetesObject[] {
    const ranked = byDeletionRank(count.active, count.active, clock.now());
    if (!isIndexed(job)) return ranked.slice(0, atLeast);
    const seen = new Set<number>();
    const wrong = new Set(
      [...ranked].reverse().filter((pod) => {
        const index = indexOf(pod);
        if (index === undefined || index >= job.spec.completions || seen.has(index)) return true;
        seen.add(index);
        return count.succeededIndexes.has(index) || count.failedIndexes.has(index);
      }),
    );
    const rest = ranked.filter((pod) => !wrong.has(pod));
    return [...wrong, ...rest.slice(0, Math.max(0, atLeast - wrong.size))];
  }

  /** The lowest numbers that neither ended nor run nor wait; and when the first of those that wait may come. */
  function indexedPods(
    job: KubernetesObject,
    count: JobCount,
    missing: number,
  ): { readonly pods: KubernetesObject[]; readonly afterMs: number | undefined } {
    const taken = new Set([...count.succeededIndexes, ...count.failedIndexes]);
    const pods = controlledBy(store, 'pods', job);
    for (const pod of pods) {
      const index = indexOf(pod);
      const occupied = count.active.includes(pod) || (replacesOnlyFailed(job) && isTerminating(pod));
      if (index !== undefined && occupied) taken.add(index);
    }
    const created: KubernetesObject[] = [];
    const waits: number[] = [];
    for (let index = 0; index < job.spec.completions && created.length < missing; index++) {
      if (taken.has(index)) continue;
      const wait = isPerIndex(job) ? backoffOfIndex(pods, index) : 0;
      if (wait > 0) waits.push(wait);
      else created.push(jobPod(job, index, failuresOfIndex(job, pods, index)));
    }
    return { pods: created, afterMs: waits.length > 0 ? Math.min(...waits) : undefined };
  }

  /** How long an index has to wait after its last failure. */
  function backoffOfIndex(pods: readonly KubernetesObject[], index: number): number {
    const failed = pods.filter((pod) => indexOf(pod) === index && pod.status?.phase === 'Failed');
    if (failed.length === 0) return 0;
    const failuresBefore = Math.max(...failed.map((pod) => Number(pod.metadata.annotations?.[FAILURE_COUNT] ?? 0)));
    const last = Math.max(...failed.map((pod) => finishedAt(pod) ?? clock.now()));
    return Math.max(0, last + Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failuresBefore) - clock.now());
  }

  function failuresOfIndex(
    job: KubernetesObject,
    pods: readonly KubernetesObject[],
    index: number,
  ): number | undefined {
    if (!isPerIndex(job)) return undefined;
    const failed = pods.filter((pod) => indexOf(pod) === index && pod.status?.phase === 'Failed');
    return failed.reduce((most, pod) => Math.max(most, Number(pod.metadata.annotations?.[FAILURE_COUNT] ?? 0) + 1), 0);
  }

  function noteFailures(job: KubernetesObject, count: JobCount): void {
    const uid = job.metadata.uid!;
    if (count.newlySucceeded.length > 0) failures.delete(uid);
    const counted = count.newlyFailed.filter(({ verdict }) => verdict.action !== 'Ignore');
    if (counted.length === 0) return;
    const last = Math.max(...counted.map(({ pod }) => finishedAt(pod) ?? clock.now()));
    failures.set(uid, { count: (failures.get(uid)?.count ?? 0) + counted.length, last });
  }

  /** 10 s after the first failure, 20 s after the second, 40 s, ... 10 min. */
  function remainingBackoff(job: KubernetesObject): number {
    const record = failures.get(job.metadata.uid!);
    if (!record) return 0;
    const delay = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (record.count - 1));
    return Math.max(0, record.last + delay - clock.now());
  }

  /** Takes the finalizer off a pod that is counted. */
  function release(pod: KubernetesObject): void {
    const finalizers = pod.metadata.finalizers!.filter((finalizer) => finalizer !== TRACKING);
    const { namespace, name } = pod.metadata;
    try {
      const patch = { metadata: { finalizers: finalizers.length > 0 ? finalizers : null } };
      client.patch('pods', namespace, name!, 'merge', patch);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** A pod whose Job is gone is counted by nobody. */
  function releaseOrphan(key: string): undefined {
    const { namespace, name } = splitName(key);
    const pod = store.get('pods', namespace, name);
    if (pod && isTracked(pod) && !jobOf(pod)) release(pod);
    return undefined;
  }

  function jobOf(pod: KubernetesObject): KubernetesObject | undefined {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'Job') return undefined;
    const job = store.get(JOBS, pod.metadata.namespace, owner.name);
    return job?.metadata.uid === owner.uid ? job : undefined;
  }

  interface Outcome {
    readonly end: JobEnd | undefined;
    readonly active: number;
    readonly stopped: number;
  }

  function writeStatus(job: KubernetesObject, count: JobCount, { end, active, stopped }: Outcome): void {
    const terminating = count.terminating + stopped;
    const gone = active === 0 && terminating === 0;
    const { conditions, told } = conditionsOf(job, end, gone);
    const now = formatTime(clock.now());
    const complete = told?.reason === 'Completed';
    const resumed = told?.reason === 'Resumed';
    const startTime = isSuspended(job) ? undefined : resumed ? now : (job.status?.startTime ?? now);
    const status = {
      ...omitEmpty({
        conditions,
        startTime,
        completionTime: complete ? now : undefined,
        active,
        succeeded: count.succeeded,
        failed: count.failed,
        completedIndexes: formatIndexes(count.succeededIndexes),
      }),
      ...(job.spec.backoffLimitPerIndex === undefined ? {} : { failedIndexes: formatIndexes(count.failedIndexes) }),
      terminating,
      uncountedTerminatedPods: {},
      ready: Math.min(count.ready, active),
    };
    if (!semanticEqual(status, job.status)) client.updateStatus(JOBS, { ...job, status });
    if (told) events.event(job, told.type, told.reason, told.message);
    if (gone && end) failures.delete(job.metadata.uid!);
  }

  function conditionsOf(job: KubernetesObject, end: JobEnd | undefined, gone: boolean) {
    const now = formatTime(clock.now());
    let conditions: Condition[] = job.status?.conditions ?? [];
    const set = (type: string, status: 'True' | 'False', reason: string, message: string) => {
      conditions = withCondition(conditions, { type, status, reason, message }, now);
    };
    if (end) {
      const { success, reason, message } = end;
      const target = success ? 'SuccessCriteriaMet' : 'FailureTarget';
      if (!findCondition(conditions, target)) set(target, 'True', reason, message);
      if (!gone) return { conditions };
      set(success ? 'Complete' : 'Failed', 'True', reason, message);
      return { conditions, told: success ? COMPLETED : { type: 'Warning' as const, reason, message } };
    }
    const suspended = findCondition(conditions, 'Suspended')?.status === 'True';
    if (isSuspended(job) === suspended) return { conditions };
    if (suspended) set('Suspended', 'False', 'JobResumed', 'Job resumed');
    else set('Suspended', 'True', 'JobSuspended', 'Job suspended');
    return { conditions, told: suspended ? RESUMED : SUSPENDED };
  }

  function deadlineRequeue(job: KubernetesObject): Requeue | undefined {
    const stored = store.get(JOBS, job.metadata.namespace, job.metadata.name!);
    const deadline = stored && !isJobFinished(stored) ? deadlineOf(stored) : undefined;
    // Once it has passed, it is the pods that we wait for.
    return deadline !== undefined && deadline > clock.now() ? { afterMs: deadline - clock.now() } : undefined;
  }

  return {
    watches: [
      {
        collection: JOBS,
        *names({ type, object }) {
          yield nameOf(object);
          if (type !== 'DELETED') return;
          for (const pod of controlledBy(store, 'pods', object)) if (isTracked(pod)) yield ORPHAN + nameOf(pod);
        },
      },
      {
        collection: 'pods',
        *names({ type, object, previous }) {
          const job = jobOf(object) ?? (previous && jobOf(previous));
          if (job) context.enqueue(nameOf(job), type === 'ADDED' ? 0 : BATCH_MS);
          else if (type !== 'DELETED' && isTracked(object)) yield ORPHAN + nameOf(object);
        },
      },
    ],
    reconcile,
  };
}

const isPerIndex = ({ spec }: KubernetesObject): boolean => spec.backoffLimitPerIndex !== undefined;

const ORPHAN = 'orphan|';
const COMPLETED = { type: 'Normal', reason: 'Completed', message: 'Job completed' } as const;
const SUSPENDED = { type: 'Normal', reason: 'Suspended', message: 'Job suspended' } as const;
const RESUMED = { type: 'Normal', reason: 'Resumed', message: 'Job resumed' } as const;

/**
 * How many pods should run: as many as parallelism allows and completions still need. Without completions (a work queue)
 * the first success ends the creation of new ones.
 */
function wantedActive({ spec }: KubernetesObject, count: JobCount): number {
  const parallelism: number = spec.parallelism ?? 1;
  if (spec.completions === undefined) return count.succeeded > 0 ? count.active.length : parallelism;
  const left = spec.completions - count.succeeded - count.failedIndexes.size;
  return Math.max(0, Math.min(parallelism, left));
}

function finishedAt(pod: KubernetesObject): number | undefined {
  const times = (pod.status?.containerStatuses ?? [])
    .map((container: any) => container.state?.terminated?.finishedAt)
    .filter(Boolean)
    .map((time: string) => Date.parse(time));
  return times.length > 0 ? Math.max(...times) : undefined;
}
