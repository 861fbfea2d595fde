/**
 * Places pods near to, or away from, other pods: of the same zone, of the same host.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
 *
 * Anti-affinity is mutual: a pod is also refused where a pod runs that does not want it near.
 */
import { type AffinityTerm, termMatches } from '../affinity-terms';
import {
  MAX_NODE_SCORE,
  type NodeFilter,
  reject,
  rejectUnresolvable,
  type SchedulerPlugin,
  type SchedulingView,
} from '../framework';
import type { NodeInfo } from '../node-info';
import { type Counter, type DomainCounts, HypotheticalCounts } from '../pod-counts';
import type { PodInfo } from '../pod-info';
import { termsOf } from '../term-index';

const NAME = 'InterPodAffinity';
const AFFINITY = rejectUnresolvable(NAME, "node(s) didn't match pod affinity rules");
const ANTI_AFFINITY = reject(NAME, "node(s) didn't match pod anti-affinity rules");
const EXISTING_ANTI_AFFINITY = reject(NAME, "node(s) didn't satisfy existing pods anti-affinity rules");
/** What the required affinity of a running pod adds for a pod that it wants near (hardPodAffinityWeight). */
const HARD_AFFINITY_WEIGHT = 1;

export const interPodAffinity: SchedulerPlugin = {
  name: NAME,
  weight: 2,
  requeueOn: ['NodeAdd', 'NodeUpdate', 'AssignedPodAdd', 'AssignedPodUpdate', 'AssignedPodDelete', 'PodUpdate'],
  preFilter,
  preScore(pod, _feasible, view) {
    const points = collectPoints(pod, view);
    if (points.size === 0) return undefined;
    return {
      score(node) {
        let sum = 0;
        for (const [topologyKey, byValue] of points) sum += byValue.get(node.labels[topologyKey] ?? '') ?? 0;
        return sum;
      },
      normalize(scores) {
        const [lowest, highest] = [Math.min(...scores), Math.max(...scores)];
        const range = highest - lowest;
        for (let i = 0; i < scores.length; i++) {
          scores[i] = range === 0 ? 0 : Math.floor((MAX_NODE_SCORE * (scores[i]! - lowest)) / range);
        }
      },
    };
  },
};

interface Tally {
  readonly term: AffinityTerm;
  readonly counts: HypotheticalCounts;
  readonly concerns: (pod: PodInfo) => boolean;
}

function preFilter(pod: PodInfo, view: SchedulingView): NodeFilter | undefined {
  const labelsOf = namespaceLabels(view);
  const matchesAll = (other: PodInfo) => pod.affinity.every((term) => termMatches(term, other, labelsOf));
  const tally = (terms: readonly AffinityTerm[], term: AffinityTerm, concerns: Tally['concerns']): Tally => ({
    term,
    counts: new HypotheticalCounts(countAll(terms, term, view)),
    concerns,
  });
  const near = pod.affinity.map((term) => tally(pod.affinity, term, matchesAll));
  const away = pod.antiAffinity.map((term) => tally([term], term, (other) => termMatches(term, other, labelsOf)));
  const repelled = repelledBy(pod, view, labelsOf);
  if (near.length === 0 && away.length === 0 && repelled.length === 0) return undefined;
  const isFirst = near.length > 0 && near.every(({ counts }) => counts.isEmpty) && matchesAll(pod);
  const isOccupied = (node: NodeInfo, { term, counts }: Pick<Tally, 'term' | 'counts'>) => {
    const value = node.labels[term.topologyKey];
    return value !== undefined && counts.get(value) > 0;
  };
  return {
    filter(node) {
      if (near.length > 0 && !satisfiesAffinity(node, near, isFirst)) return AFFINITY;
      for (const each of away) if (isOccupied(node, each)) return ANTI_AFFINITY;
      for (const each of repelled) if (isOccupied(node, each)) return EXISTING_ANTI_AFFINITY;
      return undefined;
    },
    addPod: (other, node) => adjust(other, node, 1),
    removePod: (other, node) => adjust(other, node, -1),
  };

  function adjust(other: PodInfo, node: NodeInfo, amount: 1 | -1): void {
    for (const { term, counts, concerns } of [...near, ...away]) {
      if (concerns(other)) counts.add(node.labels[term.topologyKey], amount);
    }
    for (const term of other.antiAffinity) {
      repelled.find((each) => each.term.key === term.key)?.counts.add(node.labels[term.topologyKey], amount);
    }
  }
}

/** The first of a group that wants to be together may go anywhere. */
function satisfiesAffinity(node: NodeInfo, near: readonly Tally[], isFirst: boolean): boolean {
  for (const { term, counts } of near) {
    const value = node.labels[term.topologyKey];
    if (value === undefined) return false;
    if (!isFirst && counts.get(value) <= 0) return false;
  }
  return true;
}

/** Terms of running pods that do not want this one near, with the domains they speak for. */
function repelledBy(pod: PodInfo, view: SchedulingView, labelsOf: NamespaceLabels): Pick<Tally, 'term' | 'counts'>[] {
  const repelled: Pick<Tally, 'term' | 'counts'>[] = [];
  for (const { kind, term, domains } of view.terms.all()) {
    if (kind !== 'requiredAntiAffinity' || !termMatches(term, pod, labelsOf)) continue;
    repelled.push({ term, counts: new HypotheticalCounts(domains) });
  }
  return repelled;
}

/** Points by topology key and value, from both sides' wishes. */
function collectPoints(pod: PodInfo, view: SchedulingView): Map<string, Map<string, number>> {
  const points = new Map<string, Map<string, number>>();
  const give = (topologyKey: string, domains: Iterable<[string, number]>, weight: number) => {
    const byValue = points.get(topologyKey) ?? new Map<string, number>();
    points.set(topologyKey, byValue);
    for (const [value, count] of domains) byValue.set(value, (byValue.get(value) ?? 0) + count * weight);
  };
  for (const [kind, term] of termsOf(pod)) {
    if (kind !== 'preferredAffinity' && kind !== 'preferredAntiAffinity') continue;
    const sign = kind === 'preferredAffinity' ? 1 : -1;
    give(term.topologyKey, countAll([term], term, view).entries(), sign * term.weight);
  }
  if (view.terms.isEmpty) return points;
  const labelsOf = namespaceLabels(view);
  for (const { kind, term, domains } of view.terms.all()) {
    if (kind === 'requiredAntiAffinity' || !termMatches(term, pod, labelsOf)) continue;
    const weight = kind === 'requiredAffinity' ? HARD_AFFINITY_WEIGHT : term.weight;
    give(term.topologyKey, domains.entries(), kind === 'preferredAntiAffinity' ? -weight : weight);
  }
  return points;
}

/** Pods that match all of the terms, by the topology of one of them. */
function countAll(terms: readonly AffinityTerm[], by: AffinityTerm, view: SchedulingView): DomainCounts {
  const [first, ...others] = terms;
  const namespaces = namespacesOf(first!, view).filter((name) =>
    others.every((term) => namespacesOf(term, view).includes(name)),
  );
  const counter: Counter = view.podCounts.of({
    key: `affinity|${terms.map(({ key }) => key).join('|')}|${namespaces.join(',')}`,
    namespaces,
    matches: (labels) => terms.every((term) => term.selector(labels)),
    includeTerminating: true,
  });
  return counter.byDomain(by.topologyKey);
}

function namespacesOf(term: AffinityTerm, view: SchedulingView): string[] {
  if (!term.namespaceSelector) return [...term.namespaces];
  const names = new Set(term.namespaces);
  for (const { metadata } of view.list('namespaces')) {
    if (term.namespaceSelector(metadata.labels ?? {})) names.add(metadata.name!);
  }
  return [...names].sort();
}

type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>>;

function namespaceLabels(view: SchedulingView): NamespaceLabels {
  return (namespace) => view.get('namespaces', undefined, namespace)?.metadata.labels ?? {};
}
