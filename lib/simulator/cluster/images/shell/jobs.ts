/**
 * A shell and its jobs in the background, side by side on the virtual clock: whoever sleeps shortest goes on first.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_09_03_02
 *
 * When the shell ends its jobs end with it, as those of a container's first process do.
 */
import type { Program } from '../image-behaviour';
import type { ShellState } from './shell-state';

export function* withJobs(program: Program, state: ShellState): Program {
  let left = 0;
  for (;;) {
    if (left <= 0) {
      const { done, value } = program.next();
      if (done) return value;
      left = value;
    }
    runJobs(state);
    const nap = Math.min(left, ...state.jobs.map((job) => job.left));
    try {
      yield nap;
    } catch (signal) {
      // ^C is for the command in the foreground.
      const { done, value } = program.throw(signal);
      if (done) return value;
      left = value;
      continue;
    }
    // Whoever waits for input looks again whenever the shell goes on: it may have been woken by it.
    left = afterNap(left, nap);
    for (const job of state.jobs) job.left = afterNap(job.left, nap);
  }
}

const afterNap = (left: number, nap: number): number => (left === Number.POSITIVE_INFINITY ? 0 : left - nap);

function runJobs(state: ShellState): void {
  for (const job of [...state.jobs]) {
    while (job.left <= 0) {
      const { done, value } = job.program.next();
      if (done) {
        state.jobs.splice(state.jobs.indexOf(job), 1);
        break;
      }
      job.left = value;
    }
  }
}
