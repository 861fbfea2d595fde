/**
 * CronJobs: Jobs on a schedule. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 */

import { CronError, isTimeZone, parseCron } from '../cron';
import type { ErrorList, Path } from '../field-errors';
import type { KubernetesObject } from '../object';
import { formatSelector } from '../selectors';
import { notNegative } from '../validation/checks';
import { age, containersAndImages, since } from './cells';
import { defineKind } from './define-kind';
import { applyPodFailurePolicyDefaults } from './job';
import { validateJobTemplateSpec } from './job-rules';
import type { Draft } from './kind-definition';
import { applyPodTemplateDefaults, dropStopSignals } from './pod/defaults';
import { podWarnings } from './pod/warnings';
import { SPEC } from './workload-rules';

function defaults({ spec }: Draft): void {
  if (!spec.concurrencyPolicy) spec.concurrencyPolicy = 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  const job = spec.jobTemplate?.spec;
  if (!job) return;
  // The Job itself gets its defaults when it is made.
  applyPodTemplateDefaults(job.template);
  applyPodFailurePolicyDefaults(job);
}

/** A Job's name is the CronJob's and eleven characters more. */
const MAX_NAME = 63 - 11;

function validate({ metadata, spec }: KubernetesObject, old: KubernetesObject | undefined, errors: ErrorList): void {
  validateSchedule(spec, old?.spec, errors);
  notNegative(spec.startingDeadlineSeconds, SPEC.child('startingDeadlineSeconds'), errors);
  const policy = spec.concurrencyPolicy;
  if (policy !== 'Allow' && policy !== 'Forbid' && policy !== 'Replace') {
    errors.notSupported(SPEC.child('concurrencyPolicy'), policy, ['Allow', 'Forbid', 'Replace']);
  }
  validateJobTemplate(spec.jobTemplate?.spec ?? {}, SPEC.child('jobTemplate').child('spec'), errors);
  notNegative(spec.successfulJobsHistoryLimit, SPEC.child('successfulJobsHistoryLimit'), errors);
  notNegative(spec.failedJobsHistoryLimit, SPEC.child('failedJobsHistoryLimit'), errors);
  const { name = '' } = metadata;
  if (!old && name.length > MAX_NAME)
    errors.invalid('metadata.name', name, `must be no more than ${MAX_NAME} characters`);
}

function validateSchedule({ schedule = '', timeZone }: any, old: any, errors: ErrorList): void {
  const at = SPEC.child('schedule');
  if (schedule === '') errors.required(at);
  else {
    const problem = scheduleProblem(schedule);
    if (problem) errors.invalid(at, schedule, problem);
    if (schedule.includes('TZ')) {
      // It was possible once; what has it may keep it.
      if (!old?.schedule?.includes('TZ')) {
        errors.invalid(at, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
      } else if (timeZone !== undefined) {
        errors.invalid(at, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule');
      }
    }
  }
  if (timeZone === undefined || timeZone === old?.timeZone) return;
  const zone = SPEC.child('timeZone');
  if (timeZone === '') errors.invalid(zone, timeZone, 'timeZone must be nil or non-empty string');
  else if (timeZone.toLowerCase() === 'local') {
    const rule = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    errors.invalid(zone, timeZone, rule);
  } else if (!isTimeZone(timeZone)) errors.invalid(zone, timeZone, `unknown time zone ${timeZone}`);
}

function scheduleProblem(schedule: string): string | undefined {
  try {
    parseCron(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof CronError) return error.message;
    throw error;
  }
}

function validateJobTemplate(spec: any, path: Path, errors: ErrorList): void {
  validateJobTemplateSpec(spec, path, errors);
  if (spec.selector) errors.invalid(path.child('selector'), spec.selector, '`selector` will be auto-generated');
  if (spec.manualSelector) errors.notSupported(path.child('manualSelector'), true, ['nil', 'false']);
}

export const cronJob = defineKind({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  resource: 'cronjobs',
  dropDisabledFields: ({ spec }) => dropStopSignals(spec.jobTemplate?.spec?.template?.spec),
  defaults,
  generation: 'spec',
  status: {},
  validate: (object, errors) => validate(object, undefined, errors),
  validateUpdate: (next, old, errors) => validate(next, old, errors),
  warnings: ({ spec }) => podWarnings(spec.jobTemplate?.spec?.template, 'spec.jobTemplate.spec.template.'),
  cells: (object, context) => {
    const { metadata, spec, status = {} } = object;
    return [
      metadata.name!,
      spec.schedule ?? '',
      spec.timeZone ?? '<none>',
      spec.suspend ? 'True' : 'False',
      status.active?.length ?? 0,
      status.lastScheduleTime ? since(status.lastScheduleTime, context.now) : '<none>',
      age(object, context),
      ...containersAndImages(spec.jobTemplate?.spec?.template?.spec),
      formatSelector(spec.jobTemplate?.spec?.selector),
    ];
  },
});
