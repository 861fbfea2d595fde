/**
 * Spreads pods of a kind evenly over domains (hosts, zones).
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 *
 * Example: zones with 3, 1 and 1 such pods and maxSkew 1: the pod would make 4, 2 or 2; less the minimum of 1 that is a skew
 * of 3, 1 or 1, so the first zone is refused.
 */
import { compileLabelSelector } from '../../../../kubernetes/selectors';
import { workloadSelectorOf } from '../default-selector';
import {
  MAX_NODE_SCORE,
  type NodeFilter,
  type NodeScorer,
  reject,
  rejectUnresolvable,
  type SchedulerPlugin,
  type SchedulingView,
} from '../framework';
import type { NodeInfo } from '../node-info';
import { compileNodeSelectorTerms } from '../node-selector';
import type { Counter, PodKind } from '../pod-counts';
import type { PodInfo } from '../pod-info';
import { tolerates } from '../tolerations';

const NAME = 'PodTopologySpread';
const HOSTNAME = 'kubernetes.io/hostname';
const REASON = "node(s) didn't match pod topology spread constraints";
const REJECTION = reject(NAME, REASON);
const MISSING_LABEL = rejectUnresolvable(NAME, `${REASON} (missing required label)`);

/** What holds for pods that bring no constraints of their own, in scores only. */
const SYSTEM_DEFAULTS = [
  { topologyKey: HOSTNAME, maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
];

interface Constraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly counter: Counter;
  /** 1 when the pod itself is of the kind. */
  readonly self: number;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

export const podTopologySpread: SchedulerPlugin = {
  name: NAME,
  weight: 2,
  requeueOn: ['NodeAdd', 'NodeUpdate', 'AssignedPodAdd', 'AssignedPodUpdate', 'AssignedPodDelete', 'PodUpdate'],

  preFilter(pod, view) {
    const constraints = ownConstraints(pod, view, 'DoNotSchedule');
    return constraints.length === 0 ? undefined : hardFilter(pod, constraints, view);
  },

  preScore(pod, feasible, view) {
    const isOwn = pod.object.spec.topologySpreadConstraints?.length > 0;
    const constraints = isOwn ? ownConstraints(pod, view, 'ScheduleAnyway') : systemConstraints(pod, view);
    return constraints.length === 0 ? undefined : softScorer(constraints, feasible, isOwn);
  },
};

function ownConstraints(pod: PodInfo, view: SchedulingView, when: string): Constraint[] {
  const all: any[] | undefined = pod.object.spec.topologySpreadConstraints;
  if (!all) return [];
  return all
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when)
    .map((constraint) => {
      const keys: string[] = (constraint.matchLabelKeys ?? []).filter((key: string) => pod.labels[key] !== undefined);
      const selected = compileLabelSelector(constraint.labelSelector);
      const kind: PodKind = {
        key: `spread|${pod.namespace}|${JSON.stringify([constraint.labelSelector, keys.map((key) => [key, pod.labels[key]])])}`,
        namespaces: [pod.namespace],
        matches: (labels) => selected(labels) && keys.every((key) => labels?.[key] === pod.labels[key]),
        includeTerminating: false,
      };
      return {
        topologyKey: constraint.topologyKey,
        maxSkew: constraint.maxSkew,
        minDomains: constraint.minDomains ?? 1,
        counter: view.podCounts.of(kind),
        self: kind.matches(pod.labels) ? 1 : 0,
        honorsAffinity: constraint.nodeAffinityPolicy !== 'Ignore',
        honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
      };
    });
}

function systemConstraints(pod: PodInfo, view: SchedulingView): Constraint[] {
  const selector = workloadSelectorOf(pod, view);
  if (!selector) return [];
  const counter = view.podCounts.of({
    key: `workload|${pod.namespace}|${selector.key}`,
    namespaces: [pod.namespace],
    matches: selector.matches,
    includeTerminating: false,
  });
  return SYSTEM_DEFAULTS.map((constraint) => ({
    ...constraint,
    minDomains: 1,
    counter,
    self: 1,
    honorsAffinity: true,
    honorsTaints: false,
  }));
}

/** The numbers of one constraint for one attempt: pods in each domain that counts. */
interface Domains {
  readonly constraint: Constraint;
  readonly counts: Map<string, number>;
  minimum: number | undefined;
}

function hardFilter(pod: PodInfo, constraints: readonly Constraint[], view: SchedulingView): NodeFilter {
  const isEligible = eligibility(pod, constraints);
  const all = constraints.map((constraint): Domains => {
    const counts = isEligible
      ? countEligible(constraint, view, isEligible)
      : new Map([...view.nodes.domainsOf(constraint.topologyKey).keys()].map((value) => [value, 0]));
    if (!isEligible)
      for (const [value, count] of constraint.counter.byDomain(constraint.topologyKey)) counts.set(value, count);
    return { constraint, counts, minimum: undefined };
  });
  const adjust = (other: PodInfo, node: NodeInfo, amount: 1 | -1) => {
    for (const domains of all) {
      const { counter, topologyKey } = domains.constraint;
      const value = node.labels[topologyKey];
      if (value === undefined || other.namespace !== pod.namespace || !counter.kind.matches(other.labels)) continue;
      domains.counts.set(value, (domains.counts.get(value) ?? 0) + amount);
      domains.minimum = undefined;
    }
  };
  return {
    filter(node) {
      for (const domains of all) {
        const { topologyKey, maxSkew, self } = domains.constraint;
        const value = node.labels[topologyKey];
        if (value === undefined) return MISSING_LABEL;
        domains.minimum ??= minimumOf(domains);
        if ((domains.counts.get(value) ?? 0) + self - domains.minimum > maxSkew) return REJECTION;
      }
      return undefined;
    },
    addPod: (other, node) => adjust(other, node, 1),
    removePod: (other, node) => adjust(other, node, -1),
  };
}

function minimumOf({ constraint, counts }: Domains): number {
  if (counts.size < constraint.minDomains) return 0;
  let minimum = Number.POSITIVE_INFINITY;
  for (const count of counts.values()) if (count < minimum) minimum = count;
  return minimum;
}

/** Whether a node's domain counts at all, when the pod could not be there anyway; undefined when all of them do. */
function eligibility(
  pod: PodInfo,
  constraints: readonly Constraint[],
): ((node: NodeInfo, constraint: Constraint) => boolean) | undefined {
  const { nodeSelector, affinity, tolerations = [] } = pod.object.spec;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const pairs = Object.entries(nodeSelector ?? {});
  const restricted = terms !== undefined || pairs.length > 0;
  const matters = constraints.some(
    ({ honorsAffinity, honorsTaints }) => honorsTaints || (honorsAffinity && restricted),
  );
  if (!matters) return undefined;
  const matchesTerms = terms ? compileNodeSelectorTerms(terms) : () => true;
  return (node, { honorsAffinity, honorsTaints }) => {
    if (honorsAffinity) {
      for (const [key, value] of pairs) if (node.labels[key] !== value) return false;
      if (!matchesTerms(node.labels, node.name)) return false;
    }
    if (!honorsTaints) return true;
    return node.taints.every(
      (taint) => taint.effect === 'PreferNoSchedule' || tolerations.some((each: any) => tolerates(each, taint)),
    );
  };
}

function countEligible(
  constraint: Constraint,
  view: SchedulingView,
  isEligible: (node: NodeInfo, constraint: Constraint) => boolean,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of view.nodes.inOrder) {
    const value = node.labels[constraint.topologyKey];
    if (value === undefined || !isEligible(node, constraint)) continue;
    counts.set(value, (counts.get(value) ?? 0) + constraint.counter.onNode(node));
  }
  return counts;
}

/** Fewer pods of the kind in the node's domains is better; rarer domains weigh more. */
function softScorer(constraints: readonly Constraint[], feasible: readonly NodeInfo[], needsAll: boolean): NodeScorer {
  const isIgnored = (node: NodeInfo) =>
    needsAll && constraints.some(({ topologyKey }) => node.labels[topologyKey] === undefined);
  const ignored = feasible.map(isIgnored);
  const parts = constraints.map((constraint) => {
    const { topologyKey, counter, maxSkew } = constraint;
    const size = topologyKey === HOSTNAME ? ignored.filter((each) => !each).length : distinct(feasible, topologyKey);
    return { topologyKey, counter, maxSkew, weight: Math.log(size + 2), domains: counter.byDomain(topologyKey) };
  });
  return {
    score(node) {
      let sum = 0;
      for (const { topologyKey, counter, maxSkew, weight, domains } of parts) {
        const value = node.labels[topologyKey];
        if (value === undefined) continue;
        const count = topologyKey === HOSTNAME ? counter.onNode(node) : (domains.get(value) ?? 0);
        sum += count * weight + (maxSkew - 1);
      }
      return Math.round(sum);
    },
    normalize(scores) {
      let lowest = Number.POSITIVE_INFINITY;
      let highest = 0;
      scores.forEach((score, i) => {
        if (ignored[i]) return;
        lowest = Math.min(lowest, score);
        highest = Math.max(highest, score);
      });
      scores.forEach((score, i) => {
        if (ignored[i]) scores[i] = 0;
        else
          scores[i] =
            highest === 0 ? MAX_NODE_SCORE : Math.floor((MAX_NODE_SCORE * (highest + lowest - score)) / highest);
      });
    },
  };
}

function distinct(nodes: readonly NodeInfo[], topologyKey: string): number {
  const values = new Set<string>();
  for (const { labels } of nodes) if (labels[topologyKey] !== undefined) values.add(labels[topologyKey]!);
  return values.size;
}
