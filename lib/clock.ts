/**
 * Time, as a parameter.
 *
 * Nothing in drydock reads the wall clock by itself: whoever needs the time is handed a Clock. In the simulator it is a
 * {@link VirtualClock}; against real AWS it is {@link systemClock}.
 */

/** A scheduled callback. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

export interface TimerOptions {
  /**
   * A background timer (a heartbeat, a resync) repeats for as long as the world exists. It fires when time passes, but
   * `Simulation.settle()` does not wait for it.
   * @default false
   */
  readonly background?: boolean;
}

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now; never synchronously. Negative delays count as 0. */
  after(delayMs: number, callback: () => void, options?: TimerOptions): Timer;
}

/** The wall clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, callback, options) => {
    const handle = setTimeout(callback, Math.max(0, delayMs));
    if (options?.background) handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

const UNITS_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a duration: a number of milliseconds, or text such as `90s`, `10m`, `1h30m`, `250ms`, `2d`.
 * @throws RangeError when the text is not a duration.
 */
export function durationMs(duration: number | string): number {
  if (typeof duration === 'number') return duration;
  let total = 0;
  let rest = duration;
  while (rest !== '') {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)/.exec(rest);
    if (!match) throw new RangeError(`"${duration}" is not a duration: write it like 90s, 10m or 1h30m`);
    total += Number(match[1]) * UNITS_MS[match[2]]!;
    rest = rest.slice(match[0].length);
  }
  return total;
}

/** Writes a duration for people: `0.4s`, `42s`, `9m02s`, `1h05m`. */
export function formatDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const two = (n: number) => String(n).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h${two(Math.floor((seconds % 3600) / 60))}m`;
}
