/**
 * When a CronJob is due: five cron fields, `@daily` and the like, or `@every 90m`, in a time zone.
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
import { Cron } from 'croner';
import { durationMs } from '../../../clock';

export interface Schedule {
  /** The first time after `time`, both in milliseconds since 1970. Undefined when there is none any more. */
  next(time: number): number | undefined;
}

/** @throws Error when the text is no schedule or the zone no time zone. */
export function parseSchedule(text: string, timeZone = 'UTC'): Schedule {
  const every = /^@every\s+(\S+)$/.exec(text);
  if (every) {
    const interval = Math.max(1_000, Math.floor(durationMs(every[1]!) / 1_000) * 1_000);
    return { next: (time) => Math.floor(time / 1_000) * 1_000 + interval };
  }
  if (!text.startsWith('@') && text.trim().split(/\s+/).length !== 5) {
    throw new Error(`expected exactly 5 fields, found ${text.trim().split(/\s+/).length}: [${text}]`);
  }
  const cron = new Cron(text.replace('@midnight', '@daily'), { timezone: timeZone, paused: true });
  return { next: (time) => cron.nextRun(new Date(time))?.getTime() };
}

/** How many missed times make the schedule suspicious. */
export const MANY = 100;

/** The latest time that is due at `now` and later than `since`, and how many there were (counting ends after {@link MANY}). */
export function mostRecentTime(
  schedule: Schedule,
  since: number,
  now: number,
): { readonly time: number | undefined; readonly missed: number } {
  let time: number | undefined;
  let missed = 0;
  for (let next = schedule.next(since); next !== undefined && next <= now; next = schedule.next(next)) {
    time = next;
    missed++;
    // A clock that stood still for long: go on from near the present.
    if (missed === MANY + 1) next = Math.max(next, latestBefore(schedule, next, now));
  }
  return { time, missed };
}

/** A time of the schedule shortly before `now`: jumps ahead by the distance between two times. */
function latestBefore(schedule: Schedule, from: number, now: number): number {
  const step = (schedule.next(from) ?? now) - from;
  const jump = Math.floor((now - from) / step) - 2;
  return jump > 0 ? (schedule.next(from + (jump - 1) * step) ?? from) : from;
}
