/**
 * What the scheduler thought of every node in its last attempt at a pod: the answer to "why is my pod not there?".
 *
 * Memory is bounded: verdicts on at most a quarter of a million nodes are kept, the oldest attempts are forgotten first.
 */
import type { Attempt } from './cycle';

export interface NodeVerdict {
  readonly node: string;
  readonly fits: boolean;
  /** The plugin that refused the node, and its words. */
  readonly plugin?: string;
  readonly reasons?: readonly string[];
  /** Points, of a node that fits and was compared with others. */
  readonly score?: number;
}

export interface SchedulingVerdict {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The node that was chosen. */
  readonly node?: string;
  /** The FailedScheduling message. */
  readonly message?: string;
  readonly nodes: readonly NodeVerdict[];
}

interface Kept {
  readonly attempt: Attempt;
  readonly time: number;
  readonly message: string | undefined;
  readonly size: number;
}

const LIMIT = 250_000;

export class Verdicts {
  private readonly kept = new Map<string, Kept>();
  private size = 0;

  keep(attempt: Attempt, time: number, message?: string): void {
    const { key } = attempt.pod;
    this.forget(key);
    const size = attempt.refused.size + attempt.feasible.length + 1;
    this.kept.set(key, { attempt: { ...attempt, filters: [] }, time, message, size });
    this.size += size;
    for (const oldest of this.kept.keys()) {
      if (this.size <= LIMIT) break;
      this.forget(oldest);
    }
  }

  forget(key: string): void {
    const found = this.kept.get(key);
    if (!found) return;
    this.kept.delete(key);
    this.size -= found.size;
  }

  tryGet(namespace: string, name: string): SchedulingVerdict | undefined {
    const found = this.kept.get(`${namespace}/${name}`);
    if (!found) return undefined;
    const { attempt, time, message } = found;
    const nodes: NodeVerdict[] = attempt.feasible.map((node, i) => ({
      node: node.name,
      fits: true,
      ...(attempt.scores ? { score: attempt.scores[i]! } : {}),
    }));
    for (const [node, { plugin, reasons }] of attempt.refused) {
      nodes.push({ node: node.name, fits: false, plugin, reasons });
    }
    return {
      time,
      ...(attempt.node ? { node: attempt.node.name } : {}),
      ...(message === undefined ? {} : { message }),
      nodes,
    };
  }
}
