/**
 * One attempt to place one pod: which nodes can take it (filter), and which of them is best (score).
 * https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/#kube-scheduler-implementation
 */
import type { Random } from '../../random';
import {
  type FilterPlugin,
  isRejection,
  type NodeFilter,
  type Rejection,
  rejectUnresolvable,
  type SchedulerPlugin,
  type SchedulingView,
  type ScorePlugin,
} from './framework';
import type { NodeInfo } from './node-info';
import type { PodInfo } from './pod-info';

const FEW_NODES = 100;

/** What came of an attempt, with the verdict on every node that was looked at. */
export interface Attempt {
  readonly pod: PodInfo;
  /** The chosen node; undefined when there is none. */
  readonly node?: NodeInfo;
  readonly nodeCount: number;
  /** PreFilter refused the pod before any node was looked at. */
  readonly refusedOutright?: Rejection;
  /** Nodes that were refused, with the reason of each. */
  readonly refused: ReadonlyMap<NodeInfo, Rejection>;
  /** Said of the nodes that nobody looked at, because PreFilter had named the only ones that matter. */
  readonly notLookedAt?: Rejection;
  /** Nodes that could take the pod, with their points; in the order they were looked at. */
  readonly feasible: readonly NodeInfo[];
  readonly scores?: Float64Array;
  /** What the filter plugins prepared; preemption asks them again. */
  readonly filters: readonly NodeFilter[];
}

/**
 * How many feasible nodes are enough. Example: 5,000 nodes: 50 - 5000/125 = 10 %, so 500; 1,000 nodes: 42 %, so 420.
 * @param percentage configured share, 0 for the adaptive one.
 */
export function nodesToScore(nodeCount: number, percentage: number): number {
  if (nodeCount < FEW_NODES) return nodeCount;
  const share = percentage > 0 ? percentage : Math.max(5, 50 - Math.floor(nodeCount / 125));
  return share >= 100 ? nodeCount : Math.max(FEW_NODES, Math.floor((nodeCount * share) / 100));
}

export interface CycleOptions {
  readonly plugins: readonly SchedulerPlugin[];
  readonly view: SchedulingView;
  readonly random: Random;
  readonly percentageOfNodesToScore: number;
}

/** Returns the function that makes attempts; it remembers where in the round of nodes the last one stopped. */
export function createCycle(options: CycleOptions): (pod: PodInfo) => Attempt {
  const { view } = options;
  const filterPlugins = options.plugins.filter((plugin): plugin is FilterPlugin => plugin.preFilter !== undefined);
  const scorePlugins = options.plugins.filter((plugin): plugin is ScorePlugin => plugin.preScore !== undefined);
  let nextStart = 0;

  const find = (nodes: readonly NodeInfo[], filters: readonly NodeFilter[], pod: PodInfo) => {
    const enough = nodesToScore(nodes.length, options.percentageOfNodesToScore);
    const feasible: NodeInfo[] = [];
    const refused = new Map<NodeInfo, Rejection>();
    const start = nodes.length > 0 ? nextStart % nodes.length : 0;
    let looked = 0;
    while (looked < nodes.length && feasible.length < enough) {
      const at = start + looked++;
      const node = nodes[at < nodes.length ? at : at - nodes.length]!;
      const rejection = filterWithNominated(pod, node, filters, view);
      if (rejection) refused.set(node, rejection);
      else feasible.push(node);
    }
    nextStart = nodes.length > 0 ? (start + looked) % nodes.length : 0;
    return { feasible, refused };
  };

  return (pod) => {
    const prepared = prepare(filterPlugins, pod, view);
    const nodeCount = view.nodes.count;
    const none = { pod, nodeCount, refused: new Map<NodeInfo, Rejection>(), feasible: [] };
    if ('rejection' in prepared) return { ...none, filters: [], refusedOutright: prepared.rejection };
    const { filters, onlyNodes, narrowedBy } = prepared;
    const nodes = onlyNodes
      ? onlyNodes.map((name) => view.nodes.tryGet(name)).filter((node) => node !== undefined)
      : view.nodes.inOrder;
    const { feasible, refused } = find(nodes, filters, pod);
    const notLookedAt = onlyNodes
      ? rejectUnresolvable(narrowedBy[0]!, `node(s) didn't satisfy plugin(s) [${narrowedBy.join(' ')}]`)
      : undefined;
    const attempt = { pod, nodeCount, refused, feasible, filters, ...(notLookedAt ? { notLookedAt } : {}) };
    if (feasible.length === 0) return attempt;
    if (feasible.length === 1) return { ...attempt, node: feasible[0]! };
    const scores = score(scorePlugins, pod, feasible, view);
    return { ...attempt, scores, node: pickBest(feasible, scores, options.random) };
  };
}

export type Prepared =
  | { readonly rejection: Rejection }
  | {
      readonly filters: readonly NodeFilter[];
      readonly onlyNodes: readonly string[] | undefined;
      readonly narrowedBy: readonly string[];
    };

/** Asks all filter plugins about a pod. */
export function prepare(plugins: readonly FilterPlugin[], pod: PodInfo, view: SchedulingView): Prepared {
  const filters: NodeFilter[] = [];
  const narrowedBy: string[] = [];
  let onlyNodes: readonly string[] | undefined;
  for (const plugin of plugins) {
    const answer = plugin.preFilter(pod, view);
    if (!answer) continue;
    if (isRejection(answer)) return { rejection: answer };
    if (answer.filter) filters.push(answer);
    if (!answer.onlyNodes) continue;
    const named = answer.onlyNodes;
    onlyNodes = onlyNodes ? onlyNodes.filter((name) => named.includes(name)) : named;
    narrowedBy.push(plugin.name);
  }
  return { filters, onlyNodes, narrowedBy };
}

export function runFilters(node: NodeInfo, filters: readonly NodeFilter[]): Rejection | undefined {
  for (let i = 0; i < filters.length; i++) {
    const rejection = filters[i]!.filter!(node);
    if (rejection) return rejection;
  }
  return undefined;
}

/**
 * A node on which preemption makes room for other pods of the same or higher priority must take this pod both with
 * them (they will come) and without them (they may not).
 */
function filterWithNominated(
  pod: PodInfo,
  node: NodeInfo,
  filters: readonly NodeFilter[],
  view: SchedulingView,
): Rejection | undefined {
  const { nominated } = view.nodes;
  const promised = nominated.size > 0 ? nominated.get(node.name) : undefined;
  if (!promised) return runFilters(node, filters);
  const guests = [...promised.values()].filter((guest) => guest.key !== pod.key && guest.priority >= pod.priority);
  if (guests.length === 0) return runFilters(node, filters);
  for (const guest of guests) addHypothetically(guest, node, filters);
  const rejection = runFilters(node, filters);
  for (const guest of guests) removeHypothetically(guest, node, filters);
  return rejection ?? runFilters(node, filters);
}

/** "What if this pod were on the node?" Only the node and the given filters know of it. */
export function addHypothetically(pod: PodInfo, node: NodeInfo, filters: readonly NodeFilter[]): void {
  node.addPod(pod);
  for (const filter of filters) filter.addPod?.(pod, node);
}

export function removeHypothetically(pod: PodInfo, node: NodeInfo, filters: readonly NodeFilter[]): void {
  node.removePod(pod);
  for (const filter of filters) filter.removePod?.(pod, node);
}

function score(
  plugins: readonly ScorePlugin[],
  pod: PodInfo,
  feasible: readonly NodeInfo[],
  view: SchedulingView,
): Float64Array {
  const count = feasible.length;
  const total = new Float64Array(count);
  const points = new Float64Array(count);
  for (const plugin of plugins) {
    const scorer = plugin.preScore(pod, feasible, view);
    if (!scorer) continue;
    if (scorer.normalize) {
      for (let i = 0; i < count; i++) points[i] = scorer.score(feasible[i]!);
      scorer.normalize(points);
      for (let i = 0; i < count; i++) total[i]! += points[i]! * plugin.weight;
    } else {
      for (let i = 0; i < count; i++) total[i]! += scorer.score(feasible[i]!) * plugin.weight;
    }
  }
  return total;
}

/** Among equals the seed decides. */
function pickBest(feasible: readonly NodeInfo[], scores: Float64Array, random: Random): NodeInfo {
  let best = -1;
  let ties: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (best >= 0 && score < scores[best]!) continue;
    if (best >= 0 && score === scores[best]!) {
      ties.push(i);
      continue;
    }
    best = i;
    ties = [i];
  }
  return feasible[ties.length === 1 ? best : ties[random.int(ties.length)]!]!;
}
