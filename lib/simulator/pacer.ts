/**
 * Lets a simulation's virtual time follow the wall while clients outside of it (kubectl, helm, the CDK) look on.
 *
 * Virtual time = wall time x speed, from wherever the simulation stands: when something let virtual time jump ahead (a
 * cloud operation that nobody wants to wait for), it goes on from there. A simulation that is behind the wall may catch
 * up in quiet moments. See docs/decisions/004-virtual-time-of-the-local-cloud.md.
 *
 * The wall is a parameter, as everywhere in the simulator.
 */
import type { Simulation } from './simulation';

export interface PacerOptions {
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** Calls back after so many wall milliseconds; the returned function cancels. */
  readonly later: (ms: number, callback: () => void) => () => void;
  /** Virtual seconds per wall second. @default 1 */
  readonly speed?: number;
  /** Asked in quiet moments whether a clock that is behind the wall may jump to it. @default never */
  readonly mayCatchUp?: () => boolean;
  /** Called after time has passed by itself, e.g. to send watch events. */
  readonly onTick?: () => void;
}

/** The longest wait between two looks at the clock, in wall milliseconds. */
const TICK_MS = 1_000;
/** Nobody has asked for anything for so long: a quiet moment. */
const QUIET_MS = 5_000;

export class Pacer {
  private factor: number;
  private anchorWall: number;
  private anchorVirtual: number;
  private lastRequest: number;
  private cancel: (() => void) | undefined;
  private stopped = false;

  constructor(
    private readonly simulation: Simulation,
    private readonly options: PacerOptions,
  ) {
    this.factor = options.speed ?? 1;
    this.anchorWall = options.wallClock();
    this.anchorVirtual = simulation.clock.now();
    this.lastRequest = this.anchorWall;
  }

  /** Virtual seconds per wall second. */
  get speed(): number {
    return this.factor;
  }

  /** Changes the speed from now on. */
  setSpeed(speed: number): void {
    this.followWall();
    this.anchorWall = this.options.wallClock();
    this.anchorVirtual = this.simulation.clock.now();
    this.factor = speed;
    this.schedule();
  }

  /** Starts following the wall. */
  start(): void {
    this.followWall();
    this.schedule();
  }

  stop(): void {
    this.stopped = true;
    this.cancel?.();
  }

  /**
   * To be called around every request from outside: brings virtual time to where it should be, runs `work`, and then
   * whatever became ready through it.
   */
  serve<T>(work: () => T): T {
    this.lastRequest = this.options.wallClock();
    this.followWall();
    try {
      return work();
    } finally {
      this.followWall();
      this.schedule();
    }
  }

  /** Brings virtual time to where the wall says that it should be; when it is further already, goes on from there. */
  private followWall(): void {
    const { clock } = this.simulation;
    const wall = this.options.wallClock();
    const target = this.anchorVirtual + (wall - this.anchorWall) * this.factor;
    if (clock.now() < target) {
      this.simulation.advance(target - clock.now());
    } else {
      this.simulation.runReady();
      this.anchorWall = wall;
      this.anchorVirtual = clock.now();
    }
  }

  private tick(): void {
    this.followWall();
    const { clock } = this.simulation;
    const wall = this.options.wallClock();
    const quiet = wall - this.lastRequest >= QUIET_MS && clock.foregroundTimers === 0;
    if (quiet && clock.now() < wall && this.options.mayCatchUp?.()) this.simulation.advance(wall - clock.now());
    this.options.onTick?.();
    this.schedule();
  }

  private schedule(): void {
    this.cancel?.();
    if (this.stopped) return;
    const due = this.simulation.clock.nextDue();
    const untilDue = due === undefined ? TICK_MS : (due - this.simulation.clock.now()) / this.factor;
    this.cancel = this.options.later(Math.min(TICK_MS, Math.max(1, Math.ceil(untilDue))), () => this.tick());
  }
}
