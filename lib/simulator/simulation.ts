/**
 * The loop that everything simulated runs in.
 *
 * An actor (a controller, the scheduler, a kubelet, a stack operation) is woken when there may be work for it, and does
 * one unit of work per step. The simulation picks one ready actor at a time, by its seed; when nobody is ready, it lets
 * time jump to the next timer. So there is no concurrency, no waiting, and the same seed gives the same history.
 *
 * Nothing here is asynchronous: `settle`, `advance` and `until` return when the virtual world is there.
 */
import { durationMs } from '../clock';
import { Random } from './random';
import { VirtualClock } from './virtual-clock';

export interface Actor {
  /** For traces and error messages, e.g. `controller/deployment`. */
  readonly name: string;
  /** Does one unit of work. Returns whether more is ready right now. */
  step(): boolean;
}

export interface SimulationOptions {
  /** Drives every choice. @default 1 */
  readonly seed?: number;
  /** Virtual time at the start, milliseconds since 1970. @default 2026-01-01T00:00:00Z */
  readonly startTime?: number;
}

/** Thrown when the virtual world does not come to rest, or a condition does not become true, in the time given. */
export class SimulationTimeout extends Error {
  override readonly name = 'SimulationTimeout';
}

const DEFAULT_START = Date.UTC(2026, 0, 1);
/** More steps than this without any time passing means that two actors answer each other for ever. */
const MAX_STEPS_PER_INSTANT = 20_000_000;

export class Simulation {
  readonly clock: VirtualClock;
  readonly random: Random;
  private readonly choices: Random;
  private readonly ready: Actor[] = [];
  private readonly isReady = new Set<Actor>();
  private stepsThisInstant = 0;

  constructor(options: SimulationOptions = {}) {
    this.clock = new VirtualClock(options.startTime ?? DEFAULT_START);
    this.random = new Random(options.seed ?? 1);
    this.choices = this.random.fork('simulation/choices');
  }

  get seed(): number {
    return this.random.seed;
  }

  /** Says that `actor` may have work. Waking it twice is waking it once. */
  wake(actor: Actor): void {
    if (this.isReady.has(actor)) return;
    this.isReady.add(actor);
    this.ready.push(actor);
  }

  /** Whether nobody has work right now (timers may still be set). */
  get idle(): boolean {
    return this.ready.length === 0;
  }

  /** Lets one ready actor, chosen by the seed, do one unit of work. False when nobody is ready. */
  step(): boolean {
    const count = this.ready.length;
    if (count === 0) return false;
    const index = count === 1 ? 0 : this.choices.int(count);
    const actor = this.ready[index]!;
    this.ready[index] = this.ready[count - 1]!;
    this.ready.pop();
    this.isReady.delete(actor);
    if (++this.stepsThisInstant > MAX_STEPS_PER_INSTANT) {
      throw new Error(
        `${actor.name} is still busy after ${MAX_STEPS_PER_INSTANT} steps at one instant (seed ${this.seed})`,
      );
    }
    if (actor.step()) this.wake(actor);
    return true;
  }

  /** Runs until nobody is ready, without letting time pass. */
  runReady(): void {
    while (this.step());
  }

  /** Lets `duration` (milliseconds, or text such as `10m`) pass, with everything that happens in it. */
  advance(duration: number | string): void {
    const end = this.clock.now() + durationMs(duration);
    this.runReady();
    while (this.fireNext(end)) this.runReady();
    this.clock.moveTo(end);
    this.stepsThisInstant = 0;
  }

  /**
   * Runs until nobody is ready and only background timers are left.
   * @param limit the most virtual time it may take. @default 1h
   * @throws SimulationTimeout when the world is still busy then.
   */
  settle(limit: number | string = '1h'): void {
    const end = this.clock.now() + durationMs(limit);
    this.runReady();
    while (this.clock.foregroundTimers > 0) {
      if (!this.fireNext(end)) {
        throw new SimulationTimeout(
          `the simulation did not settle within ${limit} of virtual time (seed ${this.seed})`,
        );
      }
      this.runReady();
    }
  }

  /**
   * Runs until the condition holds. It is asked whenever nobody is ready.
   * @param limit the most virtual time it may take. @default 1h
   * @throws SimulationTimeout when it does not hold by then.
   */
  until(condition: () => boolean, limit: number | string = '1h', what = 'the condition'): void {
    const end = this.clock.now() + durationMs(limit);
    this.runReady();
    while (!condition()) {
      if (!this.fireNext(end)) {
        throw new SimulationTimeout(`${what} did not hold within ${limit} of virtual time (seed ${this.seed})`);
      }
      this.runReady();
    }
  }

  private fireNext(limit: number): boolean {
    const before = this.clock.now();
    const fired = this.clock.fireNext(limit);
    if (this.clock.now() > before) this.stepsThisInstant = 0;
    return fired;
  }
}
