/**
 * Which nodes are not needed, and how they go.
 * https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#how-does-scale-down-work
 *
 * A node whose pods request less than half of it, and could all run elsewhere, is a candidate (a taint PreferNoSchedule says
 * so). After ten minutes as one, and ten minutes after the cluster last grew, it is tainted for good, emptied by evictions
 * and terminated: empty nodes up to ten at once, others one after the other.
 */
import { controllerOf, isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { compileLabelSelector } from '../../../kubernetes/selectors';
import { isNotFound, StatusError } from '../../../kubernetes/status-error';
import { findCondition } from '../controllers/conditions';
import type { ControllerContext } from '../controllers/controller';
import { isPodFinished } from '../controllers/pods';
import { indexPodsByNode, podsOnNode } from '../controllers/pods-by-node';
import { NodeInfo } from '../scheduler/node-info';
import { readPod } from '../scheduler/pod-info';
import type { Scheduler } from '../scheduler/scheduler';
import type { NodeGroup } from './node-group';
import type { StatusConfigMap } from './status-config-map';

const UNNEEDED_MS = 600_000;
const AFTER_GROWTH_MS = 600_000;
const UTILIZATION = 0.5;
const EMPTY_AT_ONCE = 10;
/** How long pods get to leave before the machine goes with them. */
const DRAIN_LIMIT_MS = 600_000;
const CANDIDATE = 'DeletionCandidateOfClusterAutoscaler';
const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler';
const SCALE_DOWN_DISABLED = 'cluster-autoscaler.kubernetes.io/scale-down-disabled';
const SAFE_TO_EVICT = 'cluster-autoscaler.kubernetes.io/safe-to-evict';
const MIRROR = 'kubernetes.io/config.mirror';

interface Leaving {
  readonly group: NodeGroup;
  readonly since: number;
  readonly drains: boolean;
}

export class ScaleDown {
  /** When the cluster last grew. */
  grewAt = Number.NEGATIVE_INFINITY;
  private readonly unneededSince = new Map<string, number>();
  private readonly leaving = new Map<string, Leaving>();

  constructor(
    private readonly context: ControllerContext,
    private readonly scheduler: Scheduler,
    private readonly status: StatusConfigMap,
  ) {
    indexPodsByNode(context.store);
  }

  get candidates(): number {
    return this.unneededSince.size;
  }

  /** @returns whether a node waits to go, or goes */
  look(groups: readonly NodeGroup[], mayShrink: boolean): boolean {
    this.finishLeaving();
    const unneeded = new Map<string, { readonly node: KubernetesObject; readonly group: NodeGroup }>();
    for (const group of groups) {
      for (const node of this.context.store.sorted('nodes')) {
        if (group.owns(node) && this.isUnneeded(node, group)) unneeded.set(node.metadata.name!, { node, group });
      }
    }
    for (const [name] of this.unneededSince) if (!unneeded.has(name)) this.keep(name);
    for (const [name, { node }] of unneeded) {
      if (this.unneededSince.has(name)) continue;
      this.unneededSince.set(name, this.now);
      this.taint(node, CANDIDATE, 'PreferNoSchedule');
    }
    if (mayShrink && this.now - this.grewAt >= AFTER_GROWTH_MS) this.shrink([...unneeded.values()]);
    return this.unneededSince.size > 0 || this.leaving.size > 0;
  }

  private get now(): number {
    return this.context.simulation.clock.now();
  }

  private isUnneeded(node: KubernetesObject, group: NodeGroup): boolean {
    const { name, annotations } = node.metadata;
    if (this.leaving.has(name!) || group.targetSize() <= group.minSize) return false;
    if (annotations?.[SCALE_DOWN_DISABLED] === 'true') return false;
    if (findCondition(node.status?.conditions, 'Ready')?.status !== 'True') return false;
    const pods = this.podsOf(name!);
    if (utilizationOf(node, pods) >= UTILIZATION) return false;
    const movable = pods.filter(hasToMove);
    return movable.every((pod) => this.mayMove(pod)) && this.scheduler.whatIf.withoutNode(name!, movable);
  }

  private podsOf(node: string): KubernetesObject[] {
    return podsOnNode(this.context.store, node).filter((pod) => !isPodFinished(pod));
  }

  /** https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#what-types-of-pods-can-prevent-ca-from-removing-a-node */
  private mayMove(pod: KubernetesObject): boolean {
    const { namespace, labels, annotations } = pod.metadata;
    const said = annotations?.[SAFE_TO_EVICT];
    if (said === 'false') return false;
    const budgets = this.context.store
      .sorted('poddisruptionbudgets.policy', namespace)
      .filter(({ spec }) => compileLabelSelector(spec.selector)(labels));
    if (budgets.some(({ status }) => (status?.disruptionsAllowed ?? 0) < 1)) return false;
    if (said === 'true') return true;
    if (!controllerOf(pod)) return false;
    if (namespace === 'kube-system' && budgets.length === 0) return false;
    const volumes: any[] = pod.spec.volumes ?? [];
    return !volumes.some(({ emptyDir, hostPath }) => hostPath || (emptyDir && emptyDir.medium !== 'Memory'));
  }

  /** The node is needed again. */
  private keep(name: string): void {
    this.unneededSince.delete(name);
    const node = this.context.store.get('nodes', undefined, name);
    if (!node || this.leaving.has(name)) return;
    const taints = (node.spec.taints ?? []).filter(({ key }: any) => key !== CANDIDATE);
    if (taints.length !== (node.spec.taints ?? []).length) {
      this.context.client.update('nodes', { ...node, spec: { ...node.spec, taints } });
    }
  }

  private shrink(unneeded: readonly { readonly node: KubernetesObject; readonly group: NodeGroup }[]): void {
    const due = unneeded.filter(({ node }) => this.now - this.unneededSince.get(node.metadata.name!)! >= UNNEEDED_MS);
    const isEmpty = ({ node }: { node: KubernetesObject }) => !this.podsOf(node.metadata.name!).some(hasToMove);
    const empty = due.filter(isEmpty).slice(0, EMPTY_AT_ONCE);
    const chosen = empty.length > 0 ? empty : this.leaving.size > 0 ? [] : due.slice(0, 1);
    const left = new Map<NodeGroup, number>();
    for (const { node, group } of chosen) {
      const size = left.get(group) ?? group.targetSize() - this.leavingOf(group);
      if (size <= group.minSize) continue;
      left.set(group, size - 1);
      this.send(node, group, empty.length === 0);
    }
  }

  private leavingOf(group: NodeGroup): number {
    return [...this.leaving.values()].filter((each) => each.group.name === group.name).length;
  }

  private send(node: KubernetesObject, group: NodeGroup, drains: boolean): void {
    const name = node.metadata.name!;
    const marked = this.taint(node, TO_BE_DELETED, 'NoSchedule');
    const { events } = this.context;
    events.event(marked, 'Normal', 'ScaleDown', 'marked the node as toBeDeleted/unschedulable');
    this.unneededSince.delete(name);
    this.leaving.set(name, { group, since: this.now, drains });
    this.evictAll(name);
    this.finishLeaving();
  }

  private evictAll(node: string): void {
    const { client, events } = this.context;
    for (const pod of this.podsOf(node)) {
      if (!hasToMove(pod) || isTerminating(pod)) continue;
      const { namespace, name } = pod.metadata;
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace: namespace!, name: name! } };
      try {
        client.create('pods', eviction, { subresource: 'eviction' });
        events.event(pod, 'Normal', 'ScaleDown', 'deleting pod for node scale down');
      } catch (error) {
        // A budget may forbid it for now; the next look tries again.
        if (!(error instanceof StatusError) || (!isNotFound(error) && error.code !== 429)) throw error;
      }
    }
  }

  private finishLeaving(): void {
    for (const [name, { group, since, drains }] of [...this.leaving]) {
      const isLate = this.now - since >= DRAIN_LIMIT_MS;
      if (this.podsOf(name).some(hasToMove) && !isLate) {
        this.evictAll(name);
        continue;
      }
      this.leaving.delete(name);
      if (this.context.store.get('nodes', undefined, name)) group.remove(name);
      if (drains) this.status.event('ScaleDown', `Scale-down: node ${name} removed with drain`);
      else this.status.event('ScaleDownEmpty', `Scale-down: empty node ${name} removed`);
    }
  }

  private taint(node: KubernetesObject, key: string, effect: string): KubernetesObject {
    const current = this.context.store.get('nodes', undefined, node.metadata.name!) ?? node;
    const others = (current.spec.taints ?? []).filter((taint: any) => taint.key !== key);
    const taints = [...others, { key, value: String(Math.floor(this.now / 1000)), effect }];
    return this.context.client.update('nodes', { ...current, spec: { ...current.spec, taints } });
  }
}

/** Pods of DaemonSets and of the node itself go with it. */
function hasToMove(pod: KubernetesObject): boolean {
  return controllerOf(pod)?.kind !== 'DaemonSet' && pod.metadata.annotations?.[MIRROR] === undefined;
}

/** The larger of the shares of CPU and memory that are requested. */
function utilizationOf(node: KubernetesObject, pods: readonly KubernetesObject[]): number {
  const info = new NodeInfo(node.metadata.name!);
  info.setNode(node);
  for (const pod of pods) info.addPod(readPod(pod));
  const share = (requested: number, allocatable: number) => (allocatable > 0 ? requested / allocatable : 0);
  return Math.max(share(info.requestedCpu, info.milliCpu), share(info.requestedMemory, info.memory));
}
