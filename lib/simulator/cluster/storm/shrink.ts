/** Makes a failing storm smaller: fewer steps, fewer workloads, as long as the same checker still has something to say. */
import type { StormPlan } from './plan';
import { runStorm, type StormOptions, type StormResult } from './storm';

/** How many storms it may try. */
const TRIES = 80;

export function shrinkStorm(failing: StormResult, options: StormOptions = {}): StormResult {
  const checker = failing.violation?.checker;
  let smallest = failing;
  let tries = TRIES;
  const stillFails = (plan: StormPlan): boolean => {
    if (tries-- <= 0) return false;
    const result = runStorm(plan, options);
    if (result.violation?.checker !== checker) return false;
    smallest = result;
    return true;
  };
  reduce(
    () => smallest.plan.steps,
    (steps) => stillFails({ ...smallest.plan, steps }),
  );
  reduce(
    () => smallest.plan.workloads,
    (workloads) => stillFails({ ...smallest.plan, workloads }),
  );
  return smallest;
}

/** Leaves out ever smaller parts of a list, for as long as that is accepted. */
function reduce<T>(current: () => readonly T[], accepts: (list: readonly T[]) => boolean): void {
  for (let size = Math.ceil(current().length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < current().length; ) {
      const list = current();
      const without = [...list.slice(0, start), ...list.slice(start + size)];
      if (!accepts(without)) start += size;
    }
  }
}
