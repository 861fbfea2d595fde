/**
 * How many pods of a kind ("labels match this selector, in these namespaces") are in each topology domain (host, zone).
 * Spreading and affinity are made of these numbers. They are counted once, when somebody first asks, and then kept up to
 * date as pods come and go: a question costs a look into a map, however many pods there are.
 *
 * Kinds that nobody has asked about for long are forgotten.
 */
import type { LabelMatcher } from '../../../kubernetes/selectors';
import type { NodeCache, PodListener } from './node-cache';
import type { NodeInfo } from './node-info';
import type { PodInfo } from './pod-info';

/** Which pods to count. `key` is the same for equal kinds. */
export interface PodKind {
  readonly key: string;
  readonly namespaces: readonly string[];
  readonly matches: LabelMatcher;
  /** Pods that are being deleted count too. */
  readonly includeTerminating: boolean;
}

const LIMIT = 4_096;

export class PodCounts implements PodListener {
  private readonly counters = new Map<string, Counter>();
  private readonly byNamespace = new Map<string, Set<Counter>>();

  constructor(private readonly nodes: NodeCache) {
    nodes.addListener(this);
  }

  of(kind: PodKind): Counter {
    let counter = this.counters.get(kind.key);
    if (counter) {
      // Asked for last, forgotten last.
      this.counters.delete(kind.key);
      this.counters.set(kind.key, counter);
      return counter;
    }
    counter = new Counter(kind);
    for (const namespace of kind.namespaces) {
      for (const { pod, node } of this.nodes.placedIn(namespace)) counter.add(pod, node, 1);
      const members = this.byNamespace.get(namespace) ?? new Set();
      members.add(counter);
      this.byNamespace.set(namespace, members);
    }
    this.counters.set(kind.key, counter);
    if (this.counters.size > LIMIT) this.forgetOldest();
    return counter;
  }

  podAdded(pod: PodInfo, node: NodeInfo): void {
    for (const counter of this.byNamespace.get(pod.namespace) ?? []) counter.add(pod, node, 1);
  }

  podRemoved(pod: PodInfo, node: NodeInfo): void {
    for (const counter of this.byNamespace.get(pod.namespace) ?? []) counter.add(pod, node, -1);
  }

  nodesChanged(): void {
    for (const counter of this.counters.values()) counter.forgetDomains();
  }

  private forgetOldest(): void {
    for (const [key, counter] of this.counters) {
      this.counters.delete(key);
      for (const namespace of counter.kind.namespaces) this.byNamespace.get(namespace)?.delete(counter);
      return;
    }
  }
}

/** The numbers of one kind of pods. */
export class Counter {
  private readonly perNode = new Map<NodeInfo, number>();
  private readonly perDomain = new Map<string, DomainCounts>();
  /** All pods of the kind. */
  total = 0;

  constructor(readonly kind: PodKind) {}

  onNode(node: NodeInfo): number {
    return this.perNode.get(node) ?? 0;
  }

  /** By value of a topology label. */
  byDomain(topologyKey: string): DomainCounts {
    let domains = this.perDomain.get(topologyKey);
    if (!domains) {
      domains = new DomainCounts();
      for (const [node, count] of this.perNode) domains.add(node.labels[topologyKey], count);
      this.perDomain.set(topologyKey, domains);
    }
    return domains;
  }

  add(pod: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    if (pod.isTerminating && !this.kind.includeTerminating) return;
    if (!this.kind.matches(pod.labels)) return;
    this.total += sign;
    const count = (this.perNode.get(node) ?? 0) + sign;
    if (count === 0) this.perNode.delete(node);
    else this.perNode.set(node, count);
    for (const [topologyKey, domains] of this.perDomain) domains.add(node.labels[topologyKey], sign);
  }

  forgetDomains(): void {
    this.perDomain.clear();
  }
}

/** Counts by domain that know their minimum: it is asked for at every attempt, over thousands of hosts. */
export class DomainCounts {
  private readonly counts = new Map<string, number>();
  /** How many domains have each count. */
  private readonly histogram: number[] = [];

  get(value: string): number {
    return this.counts.get(value) ?? 0;
  }

  /** Domains with at least one pod. */
  get size(): number {
    return this.counts.size;
  }

  entries(): Iterable<[string, number]> {
    return this.counts;
  }

  /** @param domains how many domains there are; those without a pod count as 0. */
  minimum(domains: number): number {
    if (this.counts.size < domains) return 0;
    for (let count = 1; count < this.histogram.length; count++) if (this.histogram[count]! > 0) return count;
    return 0;
  }

  add(value: string | undefined, amount: number): void {
    if (value === undefined) return;
    const before = this.counts.get(value) ?? 0;
    const after = before + amount;
    if (after === 0) this.counts.delete(value);
    else this.counts.set(value, after);
    while (this.histogram.length <= after) this.histogram.push(0);
    if (before > 0) this.histogram[before]!--;
    if (after > 0) this.histogram[after]!++;
  }
}

/** Counts by domain under a "what if": the real ones and what was changed in thought. */
export class HypotheticalCounts {
  private changes: Map<string, number> | undefined;

  constructor(private readonly real: Pick<DomainCounts, 'get' | 'size' | 'entries' | 'minimum'>) {}

  get isEmpty(): boolean {
    return this.real.size === 0 && this.changes === undefined;
  }

  get(value: string): number {
    const count = this.real.get(value);
    return this.changes === undefined ? count : count + (this.changes.get(value) ?? 0);
  }

  add(value: string | undefined, amount: number): void {
    if (value === undefined) return;
    this.changes ??= new Map();
    this.changes.set(value, (this.changes.get(value) ?? 0) + amount);
  }

  /** @param domains all values there are. */
  minimum(domains: ReadonlyMap<string, number>): number {
    if (this.changes === undefined) return this.real.minimum(domains.size);
    let minimum = Number.POSITIVE_INFINITY;
    for (const value of domains.keys()) minimum = Math.min(minimum, this.get(value));
    return minimum;
  }
}
