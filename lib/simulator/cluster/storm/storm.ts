/**
 * A storm: users change their workloads while faults strike, and checkers look on all the time. Whatever the seed, none of
 * them may have anything to say, and when it is over everything becomes what it should be.
 *
 * The same plan gives the same history, byte for byte.
 */
import { createHash } from 'node:crypto';
import { formatTime } from '../../../kubernetes/object';
import { Random } from '../../random';
import type { Store } from '../store';
import { type ActionName, act } from './actions';
import { checkers } from './checkers';
import type { CheckerFactory } from './checkers/checker';
import { calm, converge, leaveNothing } from './convergence';
import type { StormPlan } from './plan';
import { createStormWorld, NAMESPACE, type StormWorld } from './storm-world';
import { isStrike, strike } from './strikes';
import { makeWorkload, surroundings } from './workloads';

export interface Violation {
  /** Which checker: `pod addresses`, `convergence`, ... */
  readonly checker: string;
  readonly message: string;
  /** Virtual time, RFC 3339. */
  readonly time: string;
  /** What happened last, oldest first. */
  readonly lastEvents: readonly string[];
}

export interface StormResult {
  readonly plan: StormPlan;
  readonly violation?: Violation;
  /** SHA-256 of everything that was ever stored. */
  readonly history: string;
  /** How many changes there were. */
  readonly revisions: number;
}

const KEPT_LINES = 15;
/** The world is looked at at least so often. */
const LONGEST_SLICE_MS = 5_000;

export interface StormOptions {
  /** Who looks on. @default all checkers */
  readonly checkers?: Readonly<Record<string, CheckerFactory>>;
}

export function runStorm(plan: StormPlan, options: StormOptions = {}): StormResult {
  const world = createStormWorld(plan.seed, plan.nodes);
  const story: string[] = [];
  const tell = (line: string) => {
    story.push(`${formatTime(world.simulation.clock.now())} ${line}`);
    if (story.length > KEPT_LINES) story.shift();
  };
  let violation: Violation | undefined;
  const blame = (checker: string, message: string | undefined) => {
    if (message === undefined || violation) return;
    violation = { checker, message, time: formatTime(world.simulation.clock.now()), lastEvents: [...story] };
  };
  try {
    weather(world, plan, tell, blame);
  } catch (error) {
    blame('no crash', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return {
    plan,
    ...(violation ? { violation } : {}),
    history: historyHash(world.cluster.store),
    revisions: world.cluster.store.revision,
  };

  function weather(
    world: StormWorld,
    plan: StormPlan,
    tell: (line: string) => void,
    blame: (checker: string, message: string | undefined) => void,
  ): void {
    const { simulation } = world;
    const running = Object.entries(options.checkers ?? checkers).map(([name, create]) => ({
      name,
      checker: create(world),
    }));
    const check = () => {
      for (const { name, checker } of running) blame(name, checker.check());
    };
    const pass = (ms: number) => {
      for (let left = ms; left > 0 && !violation; left -= LONGEST_SLICE_MS) {
        simulation.advance(Math.min(left, LONGEST_SLICE_MS));
        check();
      }
    };
    pass(60_000);
    const timers = simulation.clock.timers;
    begin(world, plan);
    for (const { afterMs, what, seed } of plan.steps) {
      pass(afterMs);
      if (violation) return;
      const random = new Random(seed);
      const done = isStrike(what) ? strike(what, world, random) : act(what as ActionName, world, random);
      if (done) tell(done);
    }
    tell('the storm is over');
    calm(world, plan.nodes);
    pass(60_000);
    if (violation) return;
    blame('convergence', converge(world));
    check();
    if (violation) return;
    blame('nothing stays', leaveNothing(world, timers));
    check();
  }
}

function begin(world: StormWorld, plan: StormPlan): void {
  const objects = plan.workloads.flatMap(({ kind, name, seed }) => makeWorkload(kind, name, new Random(seed)));
  for (const { collection, object } of [...surroundings(), ...objects]) {
    world.client.create(collection, object);
    world.wanted.set(`${collection}/${object.metadata.name}`, {
      ...object,
      metadata: { ...object.metadata, namespace: NAMESPACE },
    });
  }
}

/** The history of a cluster in one line: two that are equal have lived through the same. */
export function historyHash(store: Store): string {
  const hash = createHash('sha256');
  for (const collection of store.collectionNames) {
    for (const { revision, type, object } of store.eventsAfter(collection, 0) ?? []) {
      hash.update(`${collection} ${revision} ${type} ${JSON.stringify(object)}\n`);
    }
  }
  return hash.digest('hex');
}
