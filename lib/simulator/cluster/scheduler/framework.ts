/**
 * The scheduling framework: the points at which a rule may speak about a pod and a node.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/
 *
 * One rule is one plugin, one plugin is one file under plugins/. A plugin prepares itself for one pod (PreFilter,
 * PreScore) and hands back what judges the nodes (Filter, Score). When it has nothing to say about the pod it hands back
 * nothing, and costs nothing for any node: most pods have no affinity, no host ports and no volumes.
 *
 * We leave out: Permit, multiple profiles, extenders and dynamic resource allocation.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Client } from '../client';
import type { NodeCache } from './node-cache';
import type { NodeInfo } from './node-info';
import type { PodCounts } from './pod-counts';
import type { PodInfo } from './pod-info';
import type { TermIndex } from './term-index';

/** Why a node, or every node, is refused. Absent means: not refused. */
export interface Rejection {
  readonly plugin: string;
  /** What people read: `Insufficient cpu`. Counted over the nodes in the FailedScheduling message. */
  readonly reasons: readonly string[];
  /** True when not even removing pods from the node would help (UnschedulableAndUnresolvable). */
  readonly unresolvable: boolean;
}

export function reject(plugin: string, ...reasons: string[]): Rejection {
  return { plugin, reasons, unresolvable: false };
}

export function rejectUnresolvable(plugin: string, ...reasons: string[]): Rejection {
  return { plugin, reasons, unresolvable: true };
}

/** What a plugin may look at besides the pod and the node. */
export interface SchedulingView {
  readonly nodes: NodeCache;
  readonly podCounts: PodCounts;
  /** The affinity terms of all pods that are on nodes. */
  readonly terms: TermIndex;
  /** Acts as the scheduler. */
  readonly client: Client;
  /** Objects the scheduler's informers would hold; always fresh. */
  get(collection: string, namespace: string | undefined, name: string): KubernetesObject | undefined;
  list(collection: string, namespace?: string): Iterable<KubernetesObject>;
  /** Moves whenever anything in the collection changes. */
  revisionOf(collection: string): number;
}

/** Judges nodes for one pod. */
export interface NodeFilter {
  /** PreFilterResult: no other node needs to be looked at. Absent means: all. */
  readonly onlyNodes?: readonly string[];
  filter?(node: NodeInfo): Rejection | undefined;
  /** Preemption asks "what if this pod were (not) there": rules that look beyond one node follow it here. */
  addPod?(pod: PodInfo, node: NodeInfo): void;
  removePod?(pod: PodInfo, node: NodeInfo): void;
}

export interface NodeScorer {
  score(node: NodeInfo): number;
  /** Brings the raw scores to 0..100, in place. Absent when `score` already answers in that range. */
  normalize?(scores: Float64Array): void;
}

/** What happened in the cluster, as far as it may let a refused pod fit. */
export type ClusterEventKind =
  | 'NodeAdd'
  | 'NodeUpdate'
  | 'AssignedPodAdd'
  | 'AssignedPodDelete'
  | 'AssignedPodUpdate'
  | 'PodUpdate'
  | 'StorageChange';

export interface ClusterEvent {
  readonly kind: ClusterEventKind;
  readonly pod?: PodInfo;
  readonly node?: KubernetesObject;
}

interface Plugin {
  readonly name: string;
  /** Events after which a pod that this plugin refused is worth another attempt. */
  readonly requeueOn?: readonly ClusterEventKind[];
  /** Looks closer at such an event (a queueing hint). @default always worth it */
  isWorthRetrying?(pod: PodInfo, event: ClusterEvent): boolean;
}

export interface PreEnqueuePlugin extends Plugin {
  /** A pod that is refused here does not enter the queue. */
  preEnqueue(pod: PodInfo, view: SchedulingView): Rejection | undefined;
}

export interface FilterPlugin extends Plugin {
  preFilter(pod: PodInfo, view: SchedulingView): NodeFilter | Rejection | undefined;
}

export interface ScorePlugin extends Plugin {
  /** The factor of its 0..100 points in the sum. */
  readonly weight: number;
  preScore(pod: PodInfo, feasible: readonly NodeInfo[], view: SchedulingView): NodeScorer | undefined;
}

export interface PreBindPlugin extends Plugin {
  /**
   * After the node is chosen, before the pod is bound: asks for what the pod needs there. When that takes time, it
   * answers with a question whether it is there now; the pod is bound once all say yes.
   */
  preBind(pod: PodInfo, node: NodeInfo, view: SchedulingView): (() => boolean) | undefined;
}

export type SchedulerPlugin = Plugin & Partial<PreEnqueuePlugin & FilterPlugin & ScorePlugin & PreBindPlugin>;

export const MAX_NODE_SCORE = 100;

export function isRejection(answer: NodeFilter | Rejection | undefined): answer is Rejection {
  return answer !== undefined && 'reasons' in answer;
}

/**
 * Scales raw scores so that the highest becomes 100; reversed, so that the lowest is best.
 * Example: 1, 4, 2 becomes 25, 100, 50; reversed 75, 0, 50. All zero becomes 0, reversed 100.
 */
export function defaultNormalize(scores: Float64Array, reverse: boolean): void {
  let highest = 0;
  for (const score of scores) if (score > highest) highest = score;
  for (let i = 0; i < scores.length; i++) {
    const scaled = highest === 0 ? 0 : Math.floor((MAX_NODE_SCORE * scores[i]!) / highest);
    scores[i] = reverse ? MAX_NODE_SCORE - scaled : scaled;
  }
}
