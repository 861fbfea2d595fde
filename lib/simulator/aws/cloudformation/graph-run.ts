/**
 * Walks a dependency graph in parallel, in virtual time: a node starts when everything it needs has ended well.
 */
import type { Clock } from '../../../clock';

export interface GraphRun {
  /** Starts nothing more. Whatever runs is cancelled; `finished` is not called. */
  cancel(): void;
}

export interface GraphRunOptions {
  /** The run starts at the next instant: nothing is called before `runGraph` has returned. */
  readonly clock: Clock;
  /** Every node with what it needs. Order matters: it is the order of starting. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>;
  /** Starts a node. It calls `done` exactly once, later or at once. Returns how to cancel it. */
  start(node: string, done: (error?: Error) => void): (() => void) | undefined;
  /** Stop at the first failure, and cancel what runs; else go on with what does not need the failed node. */
  readonly stopOnFailure: boolean;
  /** Called with the nodes that were cancelled because another one failed. */
  cancelled?(nodes: readonly string[]): void;
  finished(failed: readonly string[]): void;
}

export function runGraph(options: GraphRunOptions): GraphRun {
  const waiting = new Map([...options.dependencies].map(([node, needs]) => [node, new Set(needs)]));
  const running = new Map<string, (() => void) | undefined>();
  const failed: string[] = [];
  let over = false;
  let scheduling = false;

  const finish = () => {
    if (over) return;
    over = true;
    options.finished(failed);
  };
  const stop = () => {
    const nodes = [...running.keys()];
    for (const cancel of running.values()) cancel?.();
    running.clear();
    return nodes;
  };
  const ended = (node: string, error?: Error) => {
    if (over || !running.has(node)) return;
    running.delete(node);
    if (error) {
      failed.push(node);
      if (options.stopOnFailure) {
        const nodes = stop();
        if (nodes.length > 0) options.cancelled?.(nodes);
        finish();
        return;
      }
    } else {
      for (const needs of waiting.values()) needs.delete(node);
    }
    schedule();
  };
  const schedule = () => {
    if (scheduling) return;
    scheduling = true;
    for (let progressed = true; progressed && !over; ) {
      progressed = false;
      for (const [node, needs] of waiting) {
        if (needs.size > 0) continue;
        progressed = true;
        waiting.delete(node);
        running.set(node, undefined);
        const cancel = options.start(node, (error) => ended(node, error));
        if (running.has(node)) running.set(node, cancel);
        if (over) break;
      }
    }
    scheduling = false;
    if (running.size === 0) finish();
  };

  const timer = options.clock.after(0, schedule);
  return {
    cancel: () => {
      timer.cancel();
      over = true;
      stop();
    },
  };
}
