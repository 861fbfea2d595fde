/**
 * A clock that only moves when it is told to: a heap of timers ordered by due time, then by the order they were set.
 */
import type { Clock, Timer, TimerOptions } from '../clock';

interface Entry {
  due: number;
  sequence: number;
  background: boolean;
  callback: (() => void) | undefined;
}

export class VirtualClock implements Clock {
  private readonly heap: Entry[] = [];
  private sequence = 0;
  private foreground = 0;

  constructor(private time: number) {}

  now(): number {
    return this.time;
  }

  after(delayMs: number, callback: () => void, options: TimerOptions = {}): Timer {
    const entry: Entry = {
      due: this.time + Math.max(0, delayMs),
      sequence: this.sequence++,
      background: options.background ?? false,
      callback,
    };
    if (!entry.background) this.foreground++;
    this.push(entry);
    return { cancel: () => this.release(entry) };
  }

  /** When the next timer is due, or undefined when none is set. */
  nextDue(): number | undefined {
    this.dropCancelled();
    return this.heap[0]?.due;
  }

  /** Timers that `settle()` waits for. */
  get foregroundTimers(): number {
    return this.foreground;
  }

  /** All timers that are set, background timers too. */
  get timers(): number {
    let count = 0;
    for (const { callback } of this.heap) if (callback) count++;
    return count;
  }

  /** Moves time to the next timer, at most to `limit`, and fires it. False when none is due by then (time stays). */
  fireNext(limit = Number.POSITIVE_INFINITY): boolean {
    this.dropCancelled();
    const next = this.heap[0];
    if (!next || next.due > limit) return false;
    this.pop();
    if (next.due > this.time) this.time = next.due;
    const callback = next.callback!;
    this.release(next);
    callback();
    return true;
  }

  /** Moves time forward without firing anything. The caller has fired what was due before. */
  moveTo(time: number): void {
    const due = this.nextDue();
    if (due !== undefined && due < time) throw new Error(`a timer is due at ${due}, before ${time}`);
    if (time > this.time) this.time = time;
  }

  private release(entry: Entry): void {
    if (!entry.callback) return;
    entry.callback = undefined;
    if (!entry.background) this.foreground--;
  }

  private dropCancelled(): void {
    while (this.heap.length > 0 && !this.heap[0]!.callback) this.pop();
  }

  private push(entry: Entry): void {
    const heap = this.heap;
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  private pop(): void {
    const heap = this.heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.sequence < b.sequence);
}
