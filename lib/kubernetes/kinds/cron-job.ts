/**
 * CronJobs: Jobs on a schedule. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 */
import { formatSelector } from '../selectors';
import { age, containersAndImages, since } from './cells';
import { defineKind } from './define-kind';
import { applyPodFailurePolicyDefaults } from './job';
import type { Draft } from './kind-definition';
import { applyPodTemplateDefaults } from './pod/defaults';

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

export const cronJob = defineKind({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  resource: 'cronjobs',
  defaults,
  generation: 'spec',
  status: {},
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
