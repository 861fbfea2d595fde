/**
 * The pods that wait for a node, in three rooms: *active* (next in line), *back-off* (tried a short while ago) and
 * *unschedulable* (no node fits until something changes). Gated pods wait outside.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#queueing-hint
 *
 * Order: higher priority first, then who came first. A refused pod waits in the unschedulable room until an event that
 * the plugins which refused it listen for, or for 5 minutes; after it, it may have to sit out its back-off (1 s, doubling
 * to 10 s) unless nobody else is in line: then the scheduler takes from the back-off room rather than idle, as it does
 * since 1.33.
 */
import type { Clock, Timer } from '../../../clock';
import type { Rejection } from './framework';
import type { PodInfo } from './pod-info';

const FIRST_BACKOFF_MS = 1_000;
const LAST_BACKOFF_MS = 10_000;
const UNSCHEDULABLE_LIMIT_MS = 5 * 60_000;

export interface QueuedPod {
  pod: PodInfo;
  /** When it came into the queue; decides among equals in priority. */
  readonly since: number;
  readonly sequence: number;
  attempts: number;
  lastAttempt: number;
  /** Plugins that refused it in its last attempt. */
  refusedBy: ReadonlySet<string>;
  room: 'active' | 'backoff' | 'unschedulable' | 'gated' | 'none';
  /** An event that concerned it while it was being tried. */
  touched: boolean;
}

export class SchedulingQueue {
  private readonly queued = new Map<string, QueuedPod>();
  private readonly active: QueuedPod[] = [];
  private readonly backoff = new Set<QueuedPod>();
  private readonly unschedulable = new Set<QueuedPod>();
  private sequence = 0;
  private flush: Timer | undefined;
  private nextBackoffEnd = Number.POSITIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly wake: () => void,
  ) {}

  get length(): number {
    return this.queued.size;
  }

  /** Whether a pod can be tried right now. */
  get hasNext(): boolean {
    this.dropStale();
    return this.active.length > 0 || this.backoff.size > 0;
  }

  tryGet(key: string): QueuedPod | undefined {
    return this.queued.get(key);
  }

  add(pod: PodInfo, gated: boolean): void {
    const known = this.queued.get(pod.key);
    if (known) this.delete(pod.key);
    const entry: QueuedPod = {
      pod,
      since: known?.since ?? this.clock.now(),
      sequence: known?.sequence ?? this.sequence++,
      attempts: known?.attempts ?? 0,
      lastAttempt: known?.lastAttempt ?? 0,
      refusedBy: new Set(),
      room: 'none',
      touched: false,
    };
    this.queued.set(pod.key, entry);
    if (gated) entry.room = 'gated';
    else this.activate(entry);
  }

  delete(key: string): void {
    const entry = this.queued.get(key);
    if (!entry) return;
    this.leaveRoom(entry);
    this.queued.delete(key);
  }

  /** Takes the next pod; it stays known to the queue until it is deleted or put back. */
  take(): QueuedPod | undefined {
    if (this.nextBackoffEnd <= this.clock.now()) this.endBackoffs();
    this.dropStale();
    let entry = this.active.length > 0 ? popFirst(this.active) : undefined;
    if (!entry) {
      for (const candidate of this.backoff) if (!entry || isBefore(candidate, entry)) entry = candidate;
      if (entry) this.backoff.delete(entry);
    }
    if (!entry) return undefined;
    entry.room = 'none';
    entry.touched = false;
    entry.attempts++;
    entry.lastAttempt = this.clock.now();
    return entry;
  }

  /** Puts a refused pod aside. */
  putAside(entry: QueuedPod, refusals: Iterable<Rejection>): void {
    if (this.queued.get(entry.pod.key) !== entry) return;
    const plugins = new Set<string>();
    for (const refusal of refusals) plugins.add(refusal.plugin);
    entry.refusedBy = plugins;
    if (entry.touched) {
      this.requeue(entry);
      return;
    }
    entry.room = 'unschedulable';
    this.unschedulable.add(entry);
    this.flush ??= this.clock.after(UNSCHEDULABLE_LIMIT_MS, () => this.flushOld(), { background: true });
  }

  /** Puts a pod aside whose attempt failed through no fault of its own (an error of the API server): it tries again soon. */
  retryLater(entry: QueuedPod): void {
    this.putAside(entry, []);
    if (entry.room !== 'unschedulable') return;
    const wait = Math.max(0, backoffEnd(entry) - this.clock.now());
    const retry = () => {
      if (entry.room === 'unschedulable') this.requeue(entry);
    };
    this.clock.after(wait, retry, { background: wait >= LAST_BACKOFF_MS });
  }

  /** Brings back the unschedulable pods for which `isWorthRetrying` holds. */
  requeueWhere(isWorthRetrying: (entry: QueuedPod) => boolean): void {
    for (const entry of [...this.unschedulable]) {
      if (isWorthRetrying(entry)) this.requeue(entry);
    }
  }

  get hasUnschedulable(): boolean {
    return this.unschedulable.size > 0;
  }

  private requeue(entry: QueuedPod): void {
    this.leaveRoom(entry);
    const end = backoffEnd(entry);
    if (end <= this.clock.now()) {
      this.activate(entry);
      return;
    }
    entry.room = 'backoff';
    this.backoff.add(entry);
    this.nextBackoffEnd = Math.min(this.nextBackoffEnd, end);
    this.wake();
  }

  /** Who has waited long enough stands in line again, by its priority. */
  private endBackoffs(): void {
    const now = this.clock.now();
    this.nextBackoffEnd = Number.POSITIVE_INFINITY;
    for (const entry of [...this.backoff]) {
      const end = backoffEnd(entry);
      if (end > now) {
        this.nextBackoffEnd = Math.min(this.nextBackoffEnd, end);
        continue;
      }
      this.backoff.delete(entry);
      this.activate(entry);
    }
  }

  private activate(entry: QueuedPod): void {
    entry.room = 'active';
    pushEntry(this.active, entry);
    this.wake();
  }

  private leaveRoom(entry: QueuedPod): void {
    // An entry that leaves the active room stays in its heap until it comes to the top.
    if (entry.room === 'backoff') this.backoff.delete(entry);
    if (entry.room === 'unschedulable') this.unschedulable.delete(entry);
    entry.room = 'none';
  }

  private dropStale(): void {
    while (this.active.length > 0 && this.active[0]!.room !== 'active') popFirst(this.active);
  }

  private flushOld(): void {
    this.flush = undefined;
    const now = this.clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const entry of [...this.unschedulable]) {
      const due = entry.lastAttempt + UNSCHEDULABLE_LIMIT_MS;
      if (due <= now) this.requeue(entry);
      else next = Math.min(next, due);
    }
    if (next < Number.POSITIVE_INFINITY) {
      this.flush = this.clock.after(next - now, () => this.flushOld(), { background: true });
    }
  }
}

/** 1 s after the first attempt, then 2 s, 4 s, 8 s, 10 s. */
function backoffEnd({ attempts, lastAttempt }: QueuedPod): number {
  return lastAttempt + Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempts - 1));
}

function isBefore(a: QueuedPod, b: QueuedPod): boolean {
  if (a.pod.priority !== b.pod.priority) return a.pod.priority > b.pod.priority;
  return a.since < b.since || (a.since === b.since && a.sequence < b.sequence);
}

function pushEntry(heap: QueuedPod[], entry: QueuedPod): void {
  let i = heap.length;
  heap.push(entry);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!isBefore(entry, heap[parent]!)) break;
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = entry;
}

function popFirst(heap: QueuedPod[]): QueuedPod {
  const first = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return first;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = last;
  return first;
}
