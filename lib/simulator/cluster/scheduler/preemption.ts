/**
 * When a pod fits nowhere, room may be made for it: on the node where that hurts least, pods of lower priority go.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
 *
 * On each candidate all pods of lower priority are taken away in thought; if the pod then fits, as many as possible are
 * given back (reprieved), the important ones first. Example: a node of 4 cores runs pods of 1, 1 and 2 cores and priorities
 * 5, 3 and 1; a pod of priority 10 needs 2 cores: taken away all; 5 and 3 are given back (2 cores free); 1 is the victim.
 */
import { formatTime, type KubernetesObject } from '../../../kubernetes/object';
import { isNotFound } from '../../../kubernetes/status-error';
import type { Random } from '../../random';
import { type Attempt, addHypothetically, removeHypothetically, runFilters } from './cycle';
import { BudgetLedger } from './disruption-budgets';
import { countReasons, histogram } from './fit-error';
import { type NodeFilter, type Rejection, reject, type SchedulingView } from './framework';
import type { NodeInfo } from './node-info';
import type { PodInfo } from './pod-info';

const NAME = 'DefaultPreemption';
const NOT_HELPFUL = reject(NAME, 'Preemption is not helpful for scheduling');
const NO_VICTIMS = reject(NAME, 'No preemption victims found for incoming pod');
/** What the plugin for dynamic resources, asked before this one, has to say of a pod that has no claims. */
const NO_CLAIMS = 'no new claims to deallocate';

const MIN_CANDIDATES = 100;
const MIN_CANDIDATES_PERCENT = 10;

export interface PreemptionResult {
  /** What PostFilter adds to the message of the refusal; absent when a node was found. */
  readonly message: string;
  readonly nominated?: NodeInfo;
  readonly victims: readonly PodInfo[];
}

interface Candidate {
  readonly node: NodeInfo;
  /** Most important first. */
  readonly victims: readonly PodInfo[];
  readonly violations: number;
}

/** Decides; {@link evict} acts. */
export function preempt(attempt: Attempt, view: SchedulingView, random: Random): PreemptionResult {
  const { pod } = attempt;
  const refuse = (message: string): PreemptionResult => ({
    message: `${NO_CLAIMS}, preemption: ${message}`,
    victims: [],
  });
  // Nobody after the plugin that refused the pod outright has prepared itself.
  if (attempt.refusedOutright) return { message: 'not found', victims: [] };
  if (attempt.nodeCount === 0) return { message: '', victims: [] };
  const ineligible = ineligibility(pod, attempt, view);
  if (ineligible) return refuse(ineligible);
  const potential = [...attempt.refused].filter(([, { unresolvable }]) => !unresolvable).map(([node]) => node);
  const { candidates, verdicts } = dryRun(pod, potential, attempt.filters, view, random);
  if (candidates.length === 0) {
    const hopeless = attempt.nodeCount - potential.length;
    const all = [...verdicts, ...Array.from({ length: hopeless }, () => NOT_HELPFUL)];
    return refuse(`0/${attempt.nodeCount} nodes are available: ${histogram(countReasons(all))}.`);
  }
  const best = pickLeastPainful(candidates);
  return { message: '', nominated: best.node, victims: best.victims };
}

/** Removes the victims, each with the reason on it. */
export function evict(victims: readonly PodInfo[], view: SchedulingView, now: number): void {
  for (const victim of victims) {
    try {
      const object = view.client.get('pods', victim.namespace, victim.name);
      view.client.updateStatus('pods', withDisruption(object, now));
      view.client.delete('pods', victim.namespace, victim.name, { preconditions: { uid: victim.uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function withDisruption(victim: KubernetesObject, now: number): KubernetesObject {
  const conditions: any[] = victim.status?.conditions ?? [];
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: formatTime(now),
    reason: 'PreemptionByScheduler',
    message: 'default-scheduler: preempting to accommodate a higher priority pod',
  };
  const others = conditions.filter(({ type }) => type !== 'DisruptionTarget');
  return { ...victim, status: { ...victim.status, conditions: [...others, condition] } };
}

function ineligibility(pod: PodInfo, attempt: Attempt, view: SchedulingView): string | undefined {
  const { spec, status } = pod.object;
  if (spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated: string | undefined = status?.nominatedNodeName;
  const node = nominated === undefined ? undefined : view.nodes.tryGet(nominated);
  if (!node || attempt.refused.get(node)?.unresolvable) return undefined;
  for (const other of node.pods.values()) {
    if (other.isTerminating && other.priority < pod.priority) {
      return 'not eligible due to a terminating pod on the nominated node.';
    }
  }
  return undefined;
}

function dryRun(
  pod: PodInfo,
  potential: readonly NodeInfo[],
  filters: readonly NodeFilter[],
  view: SchedulingView,
  random: Random,
): { candidates: Candidate[]; verdicts: Rejection[] } {
  const enough = Math.max(MIN_CANDIDATES, Math.floor((potential.length * MIN_CANDIDATES_PERCENT) / 100));
  const offset = potential.length > 0 ? random.int(potential.length) : 0;
  const candidates: Candidate[] = [];
  const verdicts: Rejection[] = [];
  for (let i = 0; i < potential.length && candidates.length < enough; i++) {
    const node = potential[(offset + i) % potential.length]!;
    const found = selectVictims(pod, node, filters, view);
    if ('victims' in found) candidates.push(found);
    else verdicts.push(found);
  }
  return { candidates, verdicts };
}

function selectVictims(
  pod: PodInfo,
  node: NodeInfo,
  filters: readonly NodeFilter[],
  view: SchedulingView,
): Candidate | Rejection {
  const lower = [...node.pods.values()].filter(({ priority }) => priority < pod.priority);
  if (lower.length === 0) return NO_VICTIMS;
  for (const each of lower) removeHypothetically(each, node, filters);
  const away = new Set(lower);
  try {
    const rejection = runFilters(node, filters);
    if (rejection) return rejection;
    const ledger = new BudgetLedger(view);
    const ranked = lower.sort(byImportance);
    const violating = new Set(ranked.filter((each) => ledger.violates(each)));
    const victims: PodInfo[] = [];
    for (const each of [...violating, ...ranked.filter((one) => !violating.has(one))]) {
      addHypothetically(each, node, filters);
      if (!runFilters(node, filters)) {
        away.delete(each);
        continue;
      }
      removeHypothetically(each, node, filters);
      victims.push(each);
    }
    const violations = victims.filter((each) => violating.has(each)).length;
    return { node, victims: victims.sort(byImportance), violations };
  } finally {
    for (const each of away) addHypothetically(each, node, filters);
  }
}

const startOf = (pod: PodInfo): string => pod.object.status?.startTime ?? '9';

/** Higher priority first, then who has run longer. */
function byImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0;
}

/**
 * In this order: fewest violated budgets, lowest priority of the most important victim, lowest sum of priorities, fewest
 * victims, the most important victim started last; then the first.
 */
function pickLeastPainful(candidates: readonly Candidate[]): Candidate {
  const criteria: ((candidate: Candidate) => number)[] = [
    ({ violations }) => violations,
    ({ victims }) => victims[0]?.priority ?? Number.NEGATIVE_INFINITY,
    // Shifted so that every victim adds something, also one of negative priority.
    ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + 2 ** 31, 0),
    ({ victims }) => victims.length,
    ({ victims }) => -(victims[0] ? Date.parse(startOf(victims[0])) || 0 : 0),
  ];
  let left = candidates;
  for (const criterion of criteria) {
    const lowest = Math.min(...left.map(criterion));
    left = left.filter((candidate) => criterion(candidate) === lowest);
    if (left.length === 1) break;
  }
  return left[0]!;
}
