/**
 * What will happen in a storm, as data: the nodes, the workloads, and a list of steps, each with a seed of its own. Leaving
 * some out changes as little as possible of the rest, so a failing storm can be made smaller.
 */
import { Random } from '../../random';
import { type ActionName, actionNames } from './actions';
import { type StrikeName, strikeNames } from './strikes';
import { type WorkloadKind, workloadKinds } from './workloads';

export interface WorkloadPlan {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly seed: number;
}

export interface Step {
  /** Position in the whole plan, for people. */
  readonly index: number;
  /** Virtual milliseconds after the step before. */
  readonly afterMs: number;
  readonly what: ActionName | StrikeName;
  readonly seed: number;
}

export interface StormPlan {
  readonly seed: number;
  readonly nodes: number;
  readonly workloads: readonly WorkloadPlan[];
  readonly steps: readonly Step[];
}

export interface PlanOptions {
  readonly seed: number;
  /** How long users and faults act, in virtual minutes. @default 20 */
  readonly minutes?: number;
}

const MEAN_STEP_MS = 20_000;

export function planStorm({ seed, minutes = 20 }: PlanOptions): StormPlan {
  const random = new Random(seed).fork('storm/plan');
  const count = 2 + random.int(5);
  const workloads = Array.from({ length: count }, (_, index): WorkloadPlan => {
    const kind = random.pick(workloadKinds);
    return { kind, name: `${kind}-${index}`, seed: random.uint32() };
  });
  const steps: Step[] = [];
  for (let left = minutes * 60_000; left > 0; ) {
    const afterMs = random.int(random.int(4) === 0 ? 200 : 2 * MEAN_STEP_MS);
    left -= afterMs;
    const what = random.pick(random.int(2) === 0 ? actionNames : strikeNames);
    steps.push({ index: steps.length, afterMs, what, seed: random.uint32() });
  }
  return { seed, nodes: 4 + random.int(4), workloads, steps };
}
