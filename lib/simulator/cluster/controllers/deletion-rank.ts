/**
 * Which pods a ReplicaSet gives up first when it has too many: those that are missed least.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
 *
 * The first difference decides: not yet on a node; Pending before Unknown before Running; not ready; lower
 * `controller.kubernetes.io/pod-deletion-cost`; more of its kind on the same node; ready for a shorter time; more
 * restarts; younger. Times are compared by their order of magnitude (the whole part of log2 of the age in nanoseconds)
 * so that equally old pods are chosen by uid, that is by chance: pods 60 s and 65 s old are equally old, 60 s and 90 s
 * are not (2^35 ns is 34 s, 2^36 ns is 69 s).
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { isPodActive, maxRestarts, readySince } from './pods';

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

interface Ranked {
  readonly pod: KubernetesObject;
  readonly assigned: number;
  readonly phase: number;
  readonly ready: number;
  readonly cost: number;
  readonly crowd: number;
  readonly readyAt: number;
  readonly restarts: number;
  readonly createdAt: number;
}

/**
 * @param related the pods of the same ReplicaSet and of its siblings (ReplicaSets of the same owner): they crowd a node.
 * @returns `pods` in the order in which to delete them.
 */
export function byDeletionRank(
  pods: readonly KubernetesObject[],
  related: readonly KubernetesObject[],
  now: number,
): KubernetesObject[] {
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName;
    if (node && isPodActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const ranked = pods.map((pod): Ranked => {
    const ready = readySince(pod);
    return {
      pod,
      assigned: pod.spec.nodeName ? 1 : 0,
      phase: PHASES[pod.status?.phase ?? 'Pending'] ?? 0,
      ready: ready === undefined ? 0 : 1,
      cost: Number.parseInt(pod.metadata.annotations?.[DELETION_COST] ?? '0', 10) || 0,
      crowd: onNode.get(pod.spec.nodeName ?? '') ?? 0,
      readyAt: ready ?? 0,
      restarts: maxRestarts(pod),
      createdAt: Date.parse(pod.metadata.creationTimestamp!),
    };
  });
  const youngerFirst = (a: Ranked, b: Ranked, time: 'readyAt' | 'createdAt') =>
    a[time] === b[time] ? 0 : magnitude(now - a[time]) - magnitude(now - b[time]) || byUid(a, b);
  const compare = (a: Ranked, b: Ranked) =>
    a.assigned - b.assigned ||
    a.phase - b.phase ||
    a.ready - b.ready ||
    a.cost - b.cost ||
    b.crowd - a.crowd ||
    youngerFirst(a, b, 'readyAt') ||
    b.restarts - a.restarts ||
    youngerFirst(a, b, 'createdAt') ||
    byUid(a, b);
  return ranked.sort(compare).map(({ pod }) => pod);
}

const byUid = (a: Ranked, b: Ranked) => (a.pod.metadata.uid! < b.pod.metadata.uid! ? -1 : 1);

/** The whole part of log2 of an age in nanoseconds; -1 when it has none. */
function magnitude(ageMs: number): number {
  return ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * 1e6));
}
