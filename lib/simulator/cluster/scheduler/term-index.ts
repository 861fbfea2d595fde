/**
 * The affinity terms of the pods that run already, asked the other way round: "which of them concern this new pod, and in
 * which domains?". Pods of one template have the same terms, so terms are kept once, with the domains of their pods.
 */
import type { AffinityTerm } from './affinity-terms';
import type { NodeCache, PodListener } from './node-cache';
import type { NodeInfo } from './node-info';
import { DomainCounts } from './pod-counts';
import type { PodInfo } from './pod-info';

/** Required anti-affinity forbids; the others add to the score, or take from it. */
export type TermKind = 'requiredAntiAffinity' | 'requiredAffinity' | 'preferredAffinity' | 'preferredAntiAffinity';

export interface TermGroup {
  readonly kind: TermKind;
  readonly term: AffinityTerm;
  /** Pods with this term, by value of the term's topology label. */
  readonly domains: DomainCounts;
}

interface Group extends TermGroup {
  domains: DomainCounts;
  readonly nodes: Map<NodeInfo, number>;
}

export class TermIndex implements PodListener {
  private readonly groups = new Map<string, Group>();

  constructor(nodes: NodeCache) {
    nodes.addListener(this);
  }

  get isEmpty(): boolean {
    return this.groups.size === 0;
  }

  all(): Iterable<TermGroup> {
    return this.groups.values();
  }

  podAdded(pod: PodInfo, node: NodeInfo): void {
    this.count(pod, node, 1);
  }

  podRemoved(pod: PodInfo, node: NodeInfo): void {
    this.count(pod, node, -1);
  }

  nodesChanged(): void {
    for (const group of this.groups.values()) {
      group.domains = new DomainCounts();
      for (const [node, count] of group.nodes) group.domains.add(node.labels[group.term.topologyKey], count);
    }
  }

  private count(pod: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    for (const [kind, term] of termsOf(pod)) {
      const key = `${kind}|${term.key}`;
      let group = this.groups.get(key);
      if (!group) {
        group = { kind, term, domains: new DomainCounts(), nodes: new Map() };
        this.groups.set(key, group);
      }
      const count = (group.nodes.get(node) ?? 0) + sign;
      if (count === 0) group.nodes.delete(node);
      else group.nodes.set(node, count);
      group.domains.add(node.labels[term.topologyKey], sign);
      if (group.nodes.size === 0) this.groups.delete(key);
    }
  }
}

export function* termsOf(pod: PodInfo): Iterable<[TermKind, AffinityTerm]> {
  for (const term of pod.antiAffinity) yield ['requiredAntiAffinity', term];
  for (const term of pod.affinity) yield ['requiredAffinity', term];
  for (const term of pod.preferredAffinity) yield ['preferredAffinity', term];
  for (const term of pod.preferredAntiAffinity) yield ['preferredAntiAffinity', term];
}
