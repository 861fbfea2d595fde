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
import { type Counter, DomainCounts, HypotheticalCounts, type PodKind } from '../pod-counts';
import type { PodInfo } from '../pod-info';
import { tolerates } from '../tolerations';

const NAME = 'PodTopologySpread';
const MAX_POINTS = MAX_NODE_SCORE;
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
    return constraints.length === 0 ? undefined : softScorer(constraints, feasible, isOwn, view);
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

/** The numbers of one constraint for one attempt. */
interface Domains {
  readonly constraint: Constraint;
  readonly counts: HypotheticalCounts;
  /** The domains that count, with their nodes. */
  readonly all: ReadonlyMap<string, number>;
  minimum: number | undefined;
}

function hardFilter(pod: PodInfo, constraints: readonly Constraint[], view: SchedulingView): NodeFilter {
  const isEligible = eligibility(pod, constraints);
  const perConstraint = constraints.map((constraint): Domains => {
    const { counter, topologyKey } = constraint;
    if (isEligible) return { constraint, ...countEligible(constraint, view, isEligible), minimum: undefined };
    const counts = new HypotheticalCounts(counter.byDomain(topologyKey));
    return { constraint, counts, all: view.nodes.domainsOf(topologyKey), minimum: undefined };
  });
  const adjust = (other: PodInfo, node: NodeInfo, amount: 1 | -1) => {
    for (const domains of perConstraint) {
      const { counter, topologyKey } = domains.constraint;
      if (other.namespace !== pod.namespace || !counter.kind.matches(other.labels)) continue;
      domains.counts.add(node.labels[topologyKey], amount);
      domains.minimum = undefined;
    }
  };
  return {
    filter(node) {
      for (const domains of perConstraint) {
        const { topologyKey, maxSkew, self, minDomains } = domains.constraint;
        const value = node.labels[topologyKey];
        if (value === undefined) return MISSING_LABEL;
        domains.minimum ??= domains.all.size < minDomains ? 0 : domains.counts.minimum(domains.all);
        if (domains.counts.get(value) + self - domains.minimum > maxSkew) return REJECTION;
      }
      return undefined;
    },
    addPod: (other, node) => adjust(other, node, 1),
    removePod: (other, node) => adjust(other, node, -1),
  };
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
): Pick<Domains, 'counts' | 'all'> {
  const counts = new DomainCounts();
  const all = new Map<string, number>();
  for (const node of view.nodes.inOrder) {
    const value = node.labels[constraint.topologyKey];
    if (value === undefined || !isEligible(node, constraint)) continue;
    all.set(value, (all.get(value) ?? 0) + 1);
    const pods = constraint.counter.onNode(node);
    if (pods > 0) counts.add(value, pods);
  }
  return { counts: new HypotheticalCounts(counts), all };
}

/** Fewer pods of the kind in the node's domains is better; rarer domains weigh more. */
function softScorer(
  constraints: readonly Constraint[],
  feasible: readonly NodeInfo[],
  needsAll: boolean,
  view: SchedulingView,
): NodeScorer {
  const isIgnored = (node: NodeInfo) => constraints.some(({ topologyKey }) => node.labels[topologyKey] === undefined);
  const ignored = needsAll && feasible.some(isIgnored) ? feasible.map(isIgnored) : undefined;
  const counted = ignored ? feasible.length - ignored.filter(Boolean).length : feasible.length;
  const parts = constraints.map(({ topologyKey, counter, maxSkew }) => {
    const known = view.nodes.domainsOf(topologyKey).size;
    const size = topologyKey === HOSTNAME ? counted : distinct(feasible, topologyKey, known);
    const isHost = topologyKey === HOSTNAME;
    return {
      topologyKey,
      isHost,
      counter,
      maxSkew,
      weight: Math.log(size + 2),
      domains: counter.byDomain(topologyKey),
    };
  });
  return {
    score(node) {
      let sum = 0;
      for (let i = 0; i < parts.length; i++) {
        const { topologyKey, isHost, counter, maxSkew, weight, domains } = parts[i]!;
        const value = node.labels[topologyKey];
        if (value === undefined) continue;
        sum += (isHost ? counter.onNode(node) : domains.get(value)) * weight + (maxSkew - 1);
      }
      return Math.round(sum);
    },
    normalize: (scores) => normalize(scores, ignored),
  };
}

/** The lowest raw score becomes the best. Example: 0, 2, 4: (4 + 0 - s) / 4 is 100, 50, 0. */
function normalize(scores: Float64Array, ignored: readonly boolean[] | undefined): void {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (let i = 0; i < scores.length; i++) {
    if (ignored?.[i]) continue;
    if (scores[i]! < lowest) lowest = scores[i]!;
    if (scores[i]! > highest) highest = scores[i]!;
  }
  for (let i = 0; i < scores.length; i++) {
    if (ignored?.[i]) scores[i] = 0;
    else if (highest === 0) scores[i] = MAX_POINTS;
    else scores[i] = Math.floor((MAX_POINTS * (highest + lowest - scores[i]!)) / highest);
  }
}

/** How many values of the label the nodes have; at most `known`. */
function distinct(nodes: readonly NodeInfo[], topologyKey: string, known: number): number {
  const values = new Set<string>();
  for (const { labels } of nodes) {
    const value = labels[topologyKey];
    if (value !== undefined && values.add(value).size === known) break;
  }
  return values.size;
}
