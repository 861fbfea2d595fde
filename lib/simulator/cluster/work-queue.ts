/**
 * A queue of names: each name is in it at most once, however many events asked for it, and a name that failed comes back
 * later and later (5 ms, 10 ms, ... 1000 s), as in client-go.
 * https://pkg.go.dev/k8s.io/client-go/util/workqueue
 *
 * Left out: the overall rate limit (10 names a second, 100 at once) that client-go puts on failed names.
 */
import type { Clock, Timer } from '../../clock';

const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 1_000_000;
/** After so many failures in a row nothing is "going on" any more: `settle()` no longer waits for the next attempt. */
const PATIENT_FAILURES = 8;

export interface DelayOptions {
  /** `Simulation.settle()` does not wait for it. @default false */
  readonly background?: boolean;
}

interface Delay {
  readonly due: number;
  readonly background: boolean;
  readonly timer: Timer;
}

export class WorkQueue {
  private readonly queued = new Set<string>();
  private readonly delayed = new Map<string, Delay>();
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    /** Called when a name was added. */
    private readonly wake: () => void,
  ) {}

  get length(): number {
    return this.queued.size;
  }

  add(name: string): void {
    if (this.queued.has(name)) return;
    this.queued.add(name);
    this.wake();
  }

  /** Adds a name later. Of several delays of one name the earliest counts. */
  addAfter(name: string, delayMs: number, options: DelayOptions = {}): void {
    const background = options.background ?? false;
    let due = this.clock.now() + Math.max(0, delayMs);
    const earlier = this.delayed.get(name);
    if (earlier) {
      if (earlier.due <= due && (background || !earlier.background)) return;
      due = Math.min(due, earlier.due);
      earlier.timer.cancel();
    }
    const fire = () => {
      this.delayed.delete(name);
      this.add(name);
    };
    this.delayed.set(name, { due, background, timer: this.clock.after(due - this.clock.now(), fire, { background }) });
  }

  /** Puts a failed name back, after a delay that doubles with every failure in a row. */
  addRateLimited(name: string): void {
    const failures = this.failures.get(name) ?? 0;
    this.failures.set(name, failures + 1);
    const delay = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
    this.addAfter(name, delay, { background: failures > PATIENT_FAILURES });
  }

  /** How often a name failed in a row. */
  failuresOf(name: string): number {
    return this.failures.get(name) ?? 0;
  }

  /** Ends a row of failures. */
  forget(name: string): void {
    this.failures.delete(name);
  }

  /** The next name. Its delay, if it has one, is over: who works on it now will say when to look again. */
  take(): string | undefined {
    const [first] = this.queued;
    if (first === undefined) return undefined;
    this.queued.delete(first);
    this.delayed.get(first)?.timer.cancel();
    this.delayed.delete(first);
    return first;
  }
}
