/** Schedules that say something else than was meant. */
import { CronError, parseCron } from '../../../kubernetes/cron';
import type { Rule } from '../rule';

const DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export const scheduleNever: Rule = {
  id: 'schedule-never',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax',
  about: 'A schedule that names no day of any year (30 February) never runs.',
  check(app, report) {
    for (const job of app.all('batch/v1/CronJob')) {
      if (typeof job.spec?.schedule !== 'string' || happens(job.spec.schedule)) continue;
      report(job, {
        field: 'spec.schedule',
        message: `the schedule "${job.spec.schedule}" names a day that no month of it has`,
        fix: 'the fields are: minute, hour, day of the month, month, day of the week',
      });
    }
  },
};

function happens(text: string): boolean {
  try {
    const { daysOfMonth, months, every, anyDayOfWeek } = parseCron(text);
    if (every !== undefined || !anyDayOfWeek) return true;
    return [...months].some((month) => [...daysOfMonth].some((day) => day <= DAYS_OF_MONTH[month - 1]!));
  } catch (error) {
    // What is no schedule at all is the API server's own finding.
    if (error instanceof CronError) return true;
    throw error;
  }
}

export const scheduleTooOften: Rule = {
  id: 'schedule-too-often',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy',
  about: 'A schedule of every minute of an hour that was meant to be once a day: `* 3 * * *` runs sixty times.',
  check(app, report) {
    for (const job of app.all('batch/v1/CronJob')) {
      const match = /^\*\s+(\d+)\s/.exec(job.spec?.schedule ?? '');
      if (match === null) continue;
      report(job, {
        field: 'spec.schedule',
        message: `the schedule "${job.spec.schedule}" runs every minute from ${match[1]}:00 to ${match[1]}:59`,
        fix: `write 0 for the minute, if it is meant to run at ${match[1]}:00 only`,
      });
    }
  },
};
