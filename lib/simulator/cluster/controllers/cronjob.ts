/**
 * CronJob: makes a Job whenever its schedule says so.
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 *
 * The Job of 08:05 is named `<cronjob>-<08:05 in minutes since 1970>`, so that the same time never makes two.
 */
import { semanticEqual } from '../../../kubernetes/equality';
import { formatTime, isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { isAlreadyExists, isNotFound, StatusError } from '../../../kubernetes/status-error';
import { findCondition } from './conditions';
import {
  type Controller,
  type ControllerContext,
  type ControllerDefinition,
  type Requeue,
  splitName,
} from './controller';
import { MANY, mostRecentTime, parseSchedule, type Schedule } from './cron-schedule';
import { isJobFinished } from './job';
import { controlledBy, controllerReference, indexOwnership, watchDependents } from './ownership';

const CRON_JOBS = 'cronjobs.batch';
const JOBS = 'jobs.batch';
const SCHEDULED = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
/** The real controller looks a little later than it is due, so that it is due for certain. */
const LATER_MS = 100;

export const cronJobController: ControllerDefinition = {
  name: 'cronjob-controller',
  serviceAccount: 'cronjob-controller',
  create: createCronJobController,
};

interface CronStatus {
  readonly active: readonly { readonly name: string; readonly uid: string }[];
  readonly lastScheduleTime?: string;
  readonly lastSuccessfulTime?: string;
}

function createCronJobController(context: ControllerContext): Controller {
  const { store, client, events } = context;
  const { clock } = context.simulation;
  indexOwnership(store, JOBS);

  function reconcile(name: string): Requeue | undefined {
    const key = splitName(name);
    const cronJob = store.get(CRON_JOBS, key.namespace, key.name);
    if (!cronJob) return undefined;
    const jobs = controlledBy(store, JOBS, cronJob);
    const status = followJobs(cronJob, jobs);
    cleanUp(cronJob, jobs);
    if (isTerminating(cronJob) || cronJob.spec.suspend) {
      writeStatus(cronJob, status);
      return undefined;
    }
    const schedule = readSchedule(cronJob);
    writeStatus(cronJob, schedule ? startIfDue(cronJob, status, schedule) : status);
    const next = schedule?.next(clock.now());
    return next === undefined ? undefined : { afterMs: next - clock.now() + LATER_MS, background: true };
  }

  /** Takes finished and missing Jobs off the list of active ones. */
  function followJobs(cronJob: KubernetesObject, jobs: readonly KubernetesObject[]): CronStatus {
    let { active = [], lastSuccessfulTime } = (cronJob.status ?? {}) as Partial<CronStatus>;
    const { lastScheduleTime } = (cronJob.status ?? {}) as Partial<CronStatus>;
    const listed = new Set(active.map(({ uid }) => uid));
    for (const job of jobs) {
      const { uid, name } = job.metadata;
      if (isJobFinished(job)) {
        const complete = findCondition(job.status.conditions, 'Complete')?.status === 'True';
        if (complete && job.status.completionTime > (lastSuccessfulTime ?? '')) {
          lastSuccessfulTime = job.status.completionTime;
        }
        if (!listed.has(uid!)) continue;
        active = active.filter((reference) => reference.uid !== uid);
        const message = `Saw completed job: ${name}, condition: ${complete ? 'Complete' : 'Failed'}`;
        events.event(cronJob, 'Normal', 'SawCompletedJob', message);
      } else if (!listed.has(uid!) && !isTerminating(job)) {
        const message = `Saw a job that the controller did not create or forgot: ${name}`;
        events.event(cronJob, 'Warning', 'UnexpectedJob', message);
      }
    }
    const present = new Set(jobs.map(({ metadata }) => metadata.uid));
    for (const { uid, name } of active) {
      if (present.has(uid)) continue;
      active = active.filter((reference) => reference.uid !== uid);
      events.event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`);
    }
    return {
      active,
      ...(lastScheduleTime ? { lastScheduleTime } : {}),
      ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}),
    };
  }

  /** Keeps so many successful and so many failed Jobs, the youngest. */
  function cleanUp(cronJob: KubernetesObject, jobs: readonly KubernetesObject[]): void {
    const finished = jobs.filter((job) => isJobFinished(job) && !isTerminating(job));
    const failed = (job: KubernetesObject) => findCondition(job.status.conditions, 'Failed')?.status === 'True';
    const limit = (list: KubernetesObject[], keep: number | undefined) => {
      const byStart = list.sort((a, b) => ((a.status.startTime ?? '') < (b.status.startTime ?? '') ? -1 : 1));
      for (const job of byStart.slice(0, Math.max(0, list.length - (keep ?? list.length)))) remove(cronJob, job);
    };
    limit(
      finished.filter((job) => !failed(job)),
      cronJob.spec.successfulJobsHistoryLimit,
    );
    limit(finished.filter(failed), cronJob.spec.failedJobsHistoryLimit);
  }

  function remove(cronJob: KubernetesObject, job: KubernetesObject): void {
    const { namespace, name } = job.metadata;
    try {
      client.delete(JOBS, namespace, name!, { propagationPolicy: 'Background' });
      events.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  function readSchedule(cronJob: KubernetesObject): Schedule | undefined {
    const { schedule, timeZone } = cronJob.spec;
    try {
      return parseSchedule(schedule, timeZone);
    } catch (error) {
      const message = `unparseable schedule: "${schedule}" : ${(error as Error).message}`;
      events.event(cronJob, 'Warning', 'UnparseableSchedule', message);
      return undefined;
    }
  }

  function startIfDue(cronJob: KubernetesObject, status: CronStatus, schedule: Schedule): CronStatus {
    const now = clock.now();
    const { startingDeadlineSeconds, concurrencyPolicy } = cronJob.spec;
    const earliest = Date.parse(status.lastScheduleTime ?? cronJob.metadata.creationTimestamp!);
    const deadline = startingDeadlineSeconds === undefined ? undefined : startingDeadlineSeconds * 1000;
    const since = deadline === undefined ? earliest : Math.max(earliest, now - deadline);
    const { time, missed } = mostRecentTime(schedule, since, now);
    if (missed > MANY) {
      const message = `too many missed start times: ${missed}. Set or decrease .spec.startingDeadlineSeconds or check clock skew`;
      events.event(cronJob, 'Warning', 'TooManyMissedTimes', message);
    }
    if (time === undefined) return status;
    if (deadline !== undefined && time + deadline < now) {
      const message = `Missed scheduled time to start a job: ${new Date(time).toUTCString().replace('GMT', '+0000')}`;
      events.event(cronJob, 'Warning', 'MissSchedule', message);
      return status;
    }
    if (concurrencyPolicy === 'Forbid' && status.active.length > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      events.event(cronJob, 'Normal', 'JobAlreadyActive', message);
      return status;
    }
    const replaced = concurrencyPolicy === 'Replace' ? stopActive(cronJob, status) : status;
    const job = createJob(cronJob, time);
    if (!job) return replaced;
    const { namespace, name, uid, resourceVersion } = job.metadata;
    const reference = { kind: 'Job', apiVersion: 'batch/v1', namespace, name: name!, uid: uid!, resourceVersion };
    return { ...replaced, active: [...replaced.active, reference], lastScheduleTime: formatTime(time) };
  }

  function stopActive(cronJob: KubernetesObject, status: CronStatus): CronStatus {
    for (const job of controlledBy(store, JOBS, cronJob)) {
      if (status.active.some(({ uid }) => uid === job.metadata.uid)) remove(cronJob, job);
    }
    return { ...status, active: [] };
  }

  function createJob(cronJob: KubernetesObject, time: number): KubernetesObject | undefined {
    const { jobTemplate } = cronJob.spec;
    const { labels, annotations } = jobTemplate.metadata ?? {};
    const { namespace, name } = cronJob.metadata;
    try {
      const job = client.create(JOBS, {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: {
          name: `${name}-${Math.floor(time / 60_000)}`,
          namespace,
          ...(labels ? { labels } : {}),
          annotations: { ...annotations, [SCHEDULED]: formatTime(time) },
          ownerReferences: [controllerReference(cronJob)],
        },
        spec: jobTemplate.spec,
      });
      events.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
      return job;
    } catch (error) {
      // The Job of that time is there already.
      if (isAlreadyExists(error)) return undefined;
      if (!(error instanceof StatusError)) throw error;
      events.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${error.message}`);
      throw error;
    }
  }

  function writeStatus(cronJob: KubernetesObject, { active, ...times }: CronStatus): void {
    const status = { ...(active.length > 0 ? { active } : {}), ...times };
    if (!semanticEqual(status, cronJob.status ?? {})) client.updateStatus(CRON_JOBS, { ...cronJob, status });
  }

  return {
    watches: [
      { collection: CRON_JOBS },
      watchDependents(JOBS, { store, collection: CRON_JOBS, group: 'batch', kind: 'CronJob', matches: () => false }),
    ],
    reconcile,
  };
}
