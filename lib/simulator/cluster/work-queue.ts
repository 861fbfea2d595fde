/**
 * A queue of names: each name is in it at most once, however many events asked for it, and a name that failed comes back
 * later and later (5 ms, 10 ms, ... 1000 s), as in client-go.
 */
import type { Clock } from '../../clock';

const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 1_000_000;

export class WorkQueue {
  private readonly queued = new Set<string>();
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

  addAfter(name: string, delayMs: number, options?: { readonly background?: boolean }): void {
    this.clock.after(delayMs, () => this.add(name), options);
  }

  /** Puts a failed name back, after a delay that doubles with every failure in a row. */
  addRateLimited(name: string): void {
    const failures = this.failures.get(name) ?? 0;
    this.failures.set(name, failures + 1);
    this.addAfter(name, Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures), { background: failures > 8 });
  }

  /** Ends a row of failures. */
  forget(name: string): void {
    this.failures.delete(name);
  }

  take(): string | undefined {
    const [first] = this.queued;
    if (first !== undefined) this.queued.delete(first);
    return first;
  }
}
