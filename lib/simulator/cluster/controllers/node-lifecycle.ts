/**
 * Node life cycle: a node whose kubelet no longer reports is marked, tainted and so emptied.
 * https://kubernetes.io/docs/concepts/architecture/nodes/#node-status
 *
 * A kubelet renews its Lease every 10 s. After 50 s without, the node's Ready condition becomes Unknown, its pods are
 * marked not ready (so that no Service sends anybody there) and it gets the taint `unreachable`: NoSchedule at once,
 * NoExecute - from which the taint-eviction controller removes pods, most after another 300 s - for one node of a zone every
 * 10 s. When too many nodes of a zone are gone at once it is rather the network that is broken: then that is slowed down or
 * stopped.
 *
 * Where the real controller looks every 5 seconds, this one looks when something was written or a deadline has come.
 *
 * Left out: keeping `beta.kubernetes.io/os` and `arch` labels equal to the newer ones.
 */
import { semanticEqual } from '../../../kubernetes/equality';
import { type Condition, formatTime, type KubernetesObject } from '../../../kubernetes/object';
import { isNotFound } from '../../../kubernetes/status-error';
import { findCondition } from './conditions';
import type { Controller, ControllerContext, ControllerDefinition, Requeue } from './controller';
import { podCondition } from './pods';
import { indexPodsByNode, podsOnNode } from './pods-by-node';

export const LEASES = 'leases.coordination.k8s.io';
const LEASE_NAMESPACE = 'kube-node-lease';
const GRACE_MS = 50_000;
const STARTUP_GRACE_MS = 60_000;
/** How often an eviction that was not allowed is tried again. */
const RETRY_MS = 5_000;
const ZONE = 'topology.kubernetes.io/zone';

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
/** Conditions that keep new pods away: condition, the status that does it, taint. */
const NO_SCHEDULE: readonly (readonly [type: string, status: string, taint: string])[] = [
  ['Ready', 'False', NOT_READY],
  ['Ready', 'Unknown', UNREACHABLE],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
];
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const MANAGED_NO_SCHEDULE = new Set([...NO_SCHEDULE.map(([, , taint]) => taint), UNSCHEDULABLE]);

export const nodeLifecycleController: ControllerDefinition = {
  name: 'node-lifecycle-controller',
  serviceAccount: 'node-controller',
  component: 'node-controller',
  create: createNodeLifecycleController,
};

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

function createNodeLifecycleController(context: ControllerContext): Controller {
  const { store, client, events } = context;
  const { clock } = context.simulation;
  indexPodsByNode(store);
  const registered = new Map<string, KubernetesObject>();
  /** When the next node of a zone may be given up. */
  const nextEviction = new Map<string, number>();
  /** The last sign of life of each node, and when it was seen: a node's own clock may be wrong. */
  const sightings = new Map<string, { readonly sign: string; readonly at: number }>();

  function reconcile(name: string): Requeue | undefined {
    const node = store.get('nodes', undefined, name);
    const known = registered.get(name);
    if (!node) {
      if (known)
        events.event(known, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
      registered.delete(name);
      sightings.delete(name);
      return undefined;
    }
    if (!known) {
      events.event(node, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`);
    }
    const { due, isLive } = lastSign(node);
    const silent = due <= clock.now();
    const current = silent ? markUnknown(node) : node;
    registered.set(name, current);
    if (readyStatus(current) !== 'True') {
      if (known && readyStatus(known) === 'True') {
        events.event(current, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
      }
      markPodsNotReady(current);
    }
    const wait = setTaints(current);
    if (wait !== undefined) return { afterMs: wait, background: true };
    return silent || isLive ? undefined : { afterMs: due - clock.now(), background: true };
  }

  /** Until when the node is believed to be well. */
  function lastSign(node: KubernetesObject): { readonly due: number; readonly isLive: boolean } {
    const name = node.metadata.name!;
    const spec = store.get(LEASES, LEASE_NAMESPACE, name)?.spec;
    // Our own kubelets' Leases compute their time for as long as they run, and are written when they stop.
    const isLive = Boolean(spec && Object.getOwnPropertyDescriptor(spec, 'renewTime')?.get);
    const heartbeat = findCondition(node.status?.conditions, 'Ready') as { lastHeartbeatTime?: string } | undefined;
    const signs = [spec?.renewTime, heartbeat?.lastHeartbeatTime].filter(Boolean);
    if (isLive) return { due: clock.now() + GRACE_MS, isLive };
    if (signs.length > 0) return { due: lastSeen(name, signs) + GRACE_MS, isLive };
    return { due: Date.parse(node.metadata.creationTimestamp!) + STARTUP_GRACE_MS, isLive };
  }

  /** A sign of a clock that is right is as old as it says; any other one came when it was first seen. */
  function lastSeen(name: string, signs: readonly string[]): number {
    const now = clock.now();
    const sign = signs.join(' ');
    const before = sightings.get(name);
    if (before?.sign === sign) return before.at;
    const said = Math.max(...signs.map((time) => Date.parse(time)));
    const at = said <= now && now - said <= GRACE_MS ? said : now;
    sightings.set(name, { sign, at });
    return at;
  }

  function markUnknown(node: KubernetesObject): KubernetesObject {
    const now = formatTime(clock.now());
    let conditions: Condition[] = node.status?.conditions ?? [];
    for (const type of ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']) {
      const before = findCondition(conditions, type);
      if (before?.status === 'Unknown') continue;
      const unknown = {
        ...(before ?? { type, lastHeartbeatTime: node.metadata.creationTimestamp }),
        status: 'Unknown' as const,
        reason: before ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
        message: before ? 'Kubelet stopped posting node status.' : 'Kubelet never posted node status.',
        lastTransitionTime: now,
      };
      conditions = before ? conditions.map((each) => (each === before ? unknown : each)) : [...conditions, unknown];
    }
    if (semanticEqual(conditions, node.status?.conditions)) return node;
    return client.updateStatus('nodes', { ...node, status: { ...node.status, conditions } });
  }

  function markPodsNotReady(node: KubernetesObject): void {
    const ready = podsOnNode(store, node.metadata.name!).filter((pod) => podCondition(pod, 'Ready')?.status === 'True');
    const now = formatTime(clock.now());
    for (const pod of ready) {
      const conditions = pod.status.conditions.map((condition: Condition) =>
        condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: now } : condition,
      );
      events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      ignoringGone(() => client.updateStatus('pods', { ...pod, status: { ...pod.status, conditions } }));
    }
  }

  /** @returns how long to wait when the node may not be given up yet. */
  function setTaints(node: KubernetesObject): number | undefined {
    const before: readonly Taint[] = node.spec?.taints ?? [];
    const wanted = noScheduleTaints(node);
    let taints = before.filter(
      ({ key, effect }) => effect !== 'NoSchedule' || !MANAGED_NO_SCHEDULE.has(key) || wanted.has(key),
    );
    for (const key of wanted) {
      if (!taints.some((taint) => taint.key === key && taint.effect === 'NoSchedule'))
        taints.push(taint(key, 'NoSchedule'));
    }
    const status = readyStatus(node);
    const evict = status === 'True' ? undefined : status === 'Unknown' ? UNREACHABLE : NOT_READY;
    const isOver = ({ key, effect }: Taint) =>
      effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE) && key !== evict;
    taints = taints.filter((each) => !isOver(each));
    let wait: number | undefined;
    if (evict && !taints.some(({ key, effect }) => key === evict && effect === 'NoExecute')) {
      wait = waitForEviction(node);
      if (wait === undefined) taints.push(taint(evict, 'NoExecute'));
    }
    if (!semanticEqual(taints, before)) {
      client.update('nodes', { ...node, spec: { ...node.spec, taints } });
    }
    return wait;
  }

  const taint = (key: string, effect: string): Taint => ({ key, effect, timeAdded: formatTime(clock.now()) });

  function waitForEviction(node: KubernetesObject): number | undefined {
    const zone = node.metadata.labels?.[ZONE] ?? '';
    const interval = evictionInterval([...store.list('nodes')], zone);
    if (interval === undefined) return RETRY_MS;
    const wait = (nextEviction.get(zone) ?? 0) - clock.now();
    if (wait > 0) return wait;
    nextEviction.set(zone, clock.now() + interval);
    return undefined;
  }

  return {
    watches: [
      { collection: 'nodes', names: ({ object }) => [object.metadata.name!] },
      {
        collection: LEASES,
        names: ({ type, object: { metadata } }) =>
          type !== 'DELETED' && metadata.namespace === LEASE_NAMESPACE ? [metadata.name!] : [],
      },
    ],
    reconcile,
  };
}

function readyStatus(node: KubernetesObject): string {
  return findCondition(node.status?.conditions, 'Ready')?.status ?? 'Unknown';
}

function noScheduleTaints(node: KubernetesObject): Set<string> {
  const wanted = new Set<string>();
  for (const [type, status, key] of NO_SCHEDULE) {
    if (findCondition(node.status?.conditions, type)?.status === status) wanted.add(key);
  }
  if (node.spec?.unschedulable) wanted.add(UNSCHEDULABLE);
  return wanted;
}

/**
 * How much time passes between two nodes of a zone that are given up, in milliseconds: 10 s; 100 s in a zone of more than 50
 * nodes of which 55 % (and at least three) are not ready, none in a smaller one; none when no node of any zone is ready.
 */
export function evictionInterval(nodes: readonly KubernetesObject[], zone: string): number | undefined {
  const isReady = (node: KubernetesObject) => readyStatus(node) === 'True';
  if (nodes.length > 1 && !nodes.some(isReady)) return undefined;
  const inZone = nodes.filter((node) => (node.metadata.labels?.[ZONE] ?? '') === zone);
  const down = inZone.filter((node) => !isReady(node)).length;
  const isPartial = down < inZone.length && down > 2 && down / inZone.length >= 0.55;
  if (!isPartial) return 10_000;
  return inZone.length > 50 ? 100_000 : undefined;
}

function ignoringGone(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
