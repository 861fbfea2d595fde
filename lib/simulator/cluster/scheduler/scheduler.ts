/**
 * kube-scheduler: takes unassigned pods one at a time, finds the best node for each, and binds it there.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
 *
 * It reads the change logs of the store before every attempt, so its picture of the cluster is never stale. What a
 * refused pod waits for is in queue.ts, what the rules are in plugins/.
 */
import type { Timer } from '../../../clock';
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { StatusError } from '../../../kubernetes/status-error';
import type { Random } from '../../random';
import type { Actor } from '../../simulation';
import { ChangeFeed } from '../change-feed';
import type { Client } from '../client';
import type { ClusterContext } from '../context';
import { createEventRecorder, type EventRecorder } from '../event-recorder';
import { type Attempt, createCycle } from './cycle';
import { fitErrorMessage, rejectionsOf } from './fit-error';
import type { ClusterEvent, FilterPlugin, PreBindPlugin, SchedulerPlugin, SchedulingView } from './framework';
import { NodeCache } from './node-cache';
import type { NodeInfo } from './node-info';
import { defaultPlugins } from './plugins';
import { PodCounts } from './pod-counts';
import { type PodInfo, readPod } from './pod-info';
import { writeUnschedulable } from './pod-status-writer';
import { evict, preempt } from './preemption';
import { type QueuedPod, SchedulingQueue } from './queue';
import { TermIndex } from './term-index';
import { type SchedulingVerdict, Verdicts } from './verdicts';
import { WhatIf } from './what-if';

export const DEFAULT_SCHEDULER = 'default-scheduler';

export interface SchedulerOptions {
  /** Pods with this `spec.schedulerName` are ours. @default default-scheduler */
  readonly name?: string;
  /** @default the plugins of a real default-scheduler, as far as plugins/ has them */
  readonly plugins?: readonly SchedulerPlugin[];
  /** How many nodes are compared, in per cent; 0 adapts it to the number of nodes. @default 0 */
  readonly percentageOfNodesToScore?: number;
}

/** Changes of these may let a pod fit that waits for its volumes. */
const STORAGE = [
  'persistentvolumeclaims',
  'persistentvolumes',
  'storageclasses.storage.k8s.io',
  'csinodes.storage.k8s.io',
] as const;
const BIND_TIMEOUT_MS = 600_000;

interface WaitingPod {
  readonly entry: QueuedPod;
  readonly attempt: Attempt;
  readonly node: NodeInfo;
  readonly timer: Timer;
  isReady(): boolean;
}

export interface Scheduler {
  /** What the last attempt at a pod found of every node it looked at; undefined when it is long ago or never was. */
  verdictOf(namespace: string, name: string): SchedulingVerdict | undefined;
  /** What would be, if there were other nodes: nothing is bound. */
  readonly whatIf: WhatIf;
}

/** Starts a scheduler in the simulation. */
export function startScheduler(context: ClusterContext, options: SchedulerOptions = {}): Scheduler {
  return new SchedulerActor(context, options);
}

class SchedulerActor implements Actor, Scheduler {
  readonly name = 'kube-scheduler';
  private readonly nodes = new NodeCache();
  private readonly view: SchedulingView;
  private readonly queue: SchedulingQueue;
  private readonly verdicts = new Verdicts();
  private readonly client: Client;
  private readonly bindingEvents: EventRecorder;
  private readonly schedulingEvents: EventRecorder;
  private readonly preemptingEvents: EventRecorder;
  private readonly random: Random;
  /** Pods whose node is chosen and whose volumes are not there yet. */
  private readonly waiting = new Map<string, WaitingPod>();
  private readonly attempt: (pod: PodInfo) => Attempt;
  private readonly plugins: readonly SchedulerPlugin[];
  private readonly pluginsByName: ReadonlyMap<string, SchedulerPlugin>;
  private readonly preBindPlugins: readonly PreBindPlugin[];
  private readonly schedulerName: string;
  private storageChanged = false;
  private readonly feed: ChangeFeed;

  constructor(
    private readonly context: ClusterContext,
    options: SchedulerOptions,
  ) {
    const { simulation, store } = context;
    this.schedulerName = options.name ?? DEFAULT_SCHEDULER;
    this.plugins = options.plugins ?? defaultPlugins;
    this.preBindPlugins = this.plugins.filter((plugin): plugin is PreBindPlugin => plugin.preBind !== undefined);
    this.pluginsByName = new Map(this.plugins.map((plugin) => [plugin.name, plugin]));
    this.client = context.clientFor('system:kube-scheduler', 'kube-scheduler');
    const recorder = (action: string) =>
      createEventRecorder({
        client: this.client,
        clock: simulation.clock,
        random: simulation.random,
        component: this.schedulerName,
        action,
      });
    this.bindingEvents = recorder('Binding');
    this.schedulingEvents = recorder('Scheduling');
    this.preemptingEvents = recorder('Preempting');
    this.random = simulation.random.fork('scheduler');
    this.view = {
      nodes: this.nodes,
      podCounts: new PodCounts(this.nodes),
      terms: new TermIndex(this.nodes),
      client: this.client,
      revisionOf: (collection) => store.lastRevision(collection),
      get: (collection, namespace, name) => store.get(collection, namespace, name),
      list: (collection, namespace) => store.list(collection, namespace),
    };
    this.queue = new SchedulingQueue(simulation.clock, () => simulation.wake(this));
    this.attempt = createCycle({
      plugins: this.plugins,
      view: this.view,
      random: this.random,
      percentageOfNodesToScore: options.percentageOfNodesToScore ?? 0,
    });
    this.feed = new ChangeFeed(store, () => simulation.wake(this));
    this.feed.follow('nodes', (object, previous) => this.nodeChanged(object, previous));
    for (const collection of STORAGE) {
      this.feed.follow(collection, () => {
        this.notify({ kind: 'StorageChange' });
        this.storageChanged = true;
      });
    }
    this.feed.follow('pods', (object, previous) => this.podChanged(object, previous));
    simulation.wake(this);
  }

  get whatIf(): WhatIf {
    this.feed.read();
    const plugins = this.plugins.filter((plugin): plugin is FilterPlugin => plugin.preFilter !== undefined);
    return new WhatIf(plugins, this.view);
  }

  verdictOf(namespace: string, name: string): SchedulingVerdict | undefined {
    return this.verdicts.tryGet(namespace, name);
  }

  step(): boolean {
    this.feed.read();
    if (this.storageChanged) this.bindWhatIsReady();
    const entry = this.queue.take();
    if (entry) this.scheduleOne(entry);
    return this.queue.hasNext;
  }

  private scheduleOne(entry: QueuedPod): void {
    const { pod } = entry;
    const attempt = this.attempt(pod);
    if (attempt.node) this.accept(entry, attempt, attempt.node);
    else this.refuse(entry, attempt);
  }

  /** The node is chosen: asks for what the pod needs there, and binds it, now or when that is there. */
  private accept(entry: QueuedPod, attempt: Attempt, node: NodeInfo): void {
    const { pod } = entry;
    let questions: (() => boolean)[];
    try {
      questions = this.preBindPlugins.flatMap((plugin) => plugin.preBind(pod, node, this.view) ?? []);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.verdicts.keep(attempt, this.context.simulation.clock.now(), error.message);
      this.queue.retryLater(entry);
      return;
    }
    if (questions.length === 0) {
      this.bind(entry, attempt, node);
      return;
    }
    this.nodes.addPod(pod, node.name);
    const timer = this.context.simulation.clock.after(BIND_TIMEOUT_MS, () => this.giveUpWaiting(pod.key), {
      background: true,
    });
    this.waiting.set(pod.key, { entry, attempt, node, timer, isReady: () => questions.every((ask) => ask()) });
  }

  private bindWhatIsReady(): void {
    this.storageChanged = false;
    for (const [key, { entry, attempt, node, timer, isReady }] of [...this.waiting]) {
      if (!isReady()) continue;
      timer.cancel();
      this.waiting.delete(key);
      this.bind(entry, attempt, node);
    }
  }

  private giveUpWaiting(key: string): void {
    const found = this.waiting.get(key);
    if (!found) return;
    this.waiting.delete(key);
    this.nodes.removePod(key);
    const { pod } = found.entry;
    const message = 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded';
    this.queue.retryLater(found.entry);
    this.schedulingEvents.event(pod.object, 'Warning', 'FailedScheduling', message);
    this.context.simulation.wake(this);
  }

  private forgetWaiting(key: string): void {
    this.waiting.get(key)?.timer.cancel();
    this.waiting.delete(key);
  }

  private bind(entry: QueuedPod, attempt: Attempt, node: NodeInfo): void {
    const { pod } = entry;
    const { namespace, name, uid } = pod;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { namespace, name, uid },
      target: { kind: 'Node', name: node.name },
    };
    try {
      this.client.create('pods', binding, { subresource: 'binding' });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.setAsideAfterError(entry, attempt, error);
      return;
    }
    this.queue.delete(pod.key);
    this.nodes.forgetNomination(pod.key);
    // With the object as it is now, the change that comes back to us is no news.
    const bound = this.context.store.get('pods', namespace, name);
    this.nodes.addPod(bound ? { ...pod, object: bound } : pod, node.name);
    this.verdicts.keep(attempt, this.context.simulation.clock.now());
    const message = `Successfully assigned ${namespace}/${name} to ${node.name}`;
    this.bindingEvents.event(pod.object, 'Normal', 'Scheduled', message);
  }

  /** The API server refused the binding: the pod may be gone, or it is worth another try. */
  private setAsideAfterError(entry: QueuedPod, attempt: Attempt, error: StatusError): void {
    this.verdicts.keep(attempt, this.context.simulation.clock.now(), error.message);
    this.nodes.removePod(entry.pod.key);
    if (error.reason === 'NotFound' || error.reason === 'Conflict') this.queue.delete(entry.pod.key);
    else this.queue.retryLater(entry);
  }

  private refuse(entry: QueuedPod, attempt: Attempt): void {
    const { pod } = entry;
    const now = this.context.simulation.clock.now();
    const { message: postFilter, nominated, victims } = preempt(attempt, this.view, this.random);
    const message = fitErrorMessage(attempt, postFilter);
    this.verdicts.keep(attempt, now, message);
    const refusals = attempt.refusedOutright ? [attempt.refusedOutright] : rejectionsOf(attempt);
    this.queue.putAside(entry, refusals);
    this.schedulingEvents.event(pod.object, 'Warning', 'FailedScheduling', message);
    if (nominated) this.makeRoom(pod, nominated, victims);
    const isHopeless = postFilter.includes('preemption: 0/');
    const nominatedNodeName = nominated?.name ?? (isHopeless ? '' : undefined);
    if (isHopeless) this.nodes.forgetNomination(pod.key);
    writeUnschedulable(
      pod,
      { message, ...(nominatedNodeName === undefined ? {} : { nominatedNodeName }) },
      this.view,
      now,
    );
  }

  private makeRoom(pod: PodInfo, node: NodeInfo, victims: readonly PodInfo[]): void {
    // Pods of lower priority that were promised this node have to look for another one.
    for (const other of [...(this.nodes.nominated.get(node.name)?.values() ?? [])]) {
      if (other.priority < pod.priority) this.nodes.forgetNomination(other.key);
    }
    this.nodes.nominate(pod, node.name);
    for (const victim of victims) {
      const message = `Preempted by pod ${pod.uid} on node ${node.name}`;
      this.preemptingEvents.event(victim.object, 'Normal', 'Preempted', message);
    }
    evict(victims, this.view, this.context.simulation.clock.now());
  }

  private nodeChanged(node: KubernetesObject | undefined, previous: KubernetesObject | undefined): void {
    if (!node) {
      this.nodes.deleteNode(previous!.metadata.name!);
      return;
    }
    this.nodes.setNode(node);
    if (!previous) this.notify({ kind: 'NodeAdd', node });
    else if (isNodeNews(node, previous)) this.notify({ kind: 'NodeUpdate', node });
  }

  private podChanged(object: KubernetesObject | undefined, previous: KubernetesObject | undefined): void {
    const subject = (object ?? previous)!;
    const key = `${subject.metadata.namespace}/${subject.metadata.name}`;
    if (!object || isOver(object)) {
      this.queue.delete(key);
      this.forgetWaiting(key);
      this.nodes.forgetNomination(key);
      if (!object) this.verdicts.forget(key);
      const pod = this.nodes.removePod(key);
      if (pod) this.notify({ kind: 'AssignedPodDelete', pod });
      return;
    }
    const nodeName: string | undefined = object.spec.nodeName;
    if (!nodeName) this.waitingPodChanged(object, key);
    else this.assignedPodChanged(object, key, nodeName);
  }

  private assignedPodChanged(object: KubernetesObject, key: string, nodeName: string): void {
    this.queue.delete(key);
    const known = this.nodes.placeOf(key);
    const isSame = known !== undefined && known.pod.uid === object.metadata.uid && known.node.name === nodeName;
    if (isSame && !isPodNews(object, known.pod.object)) return;
    const pod = readPod(object);
    this.nodes.addPod(pod, nodeName);
    this.notify({ kind: isSame ? 'AssignedPodUpdate' : 'AssignedPodAdd', pod });
  }

  private waitingPodChanged(object: KubernetesObject, key: string): void {
    if ((object.spec.schedulerName ?? DEFAULT_SCHEDULER) !== this.schedulerName) return;
    if (isTerminating(object)) {
      this.queue.delete(key);
      return;
    }
    const known = this.queue.tryGet(key);
    if (this.waiting.get(key)?.entry.pod.uid === object.metadata.uid) return;
    if (known && known.pod.uid === object.metadata.uid && !isPodNews(object, known.pod.object)) return;
    const pod = readPod(object);
    const gated = this.plugins.some((plugin) => plugin.preEnqueue?.(pod, this.view) !== undefined);
    this.queue.add(pod, gated);
  }

  /** Something happened: pods that were refused for a reason it may have removed come back. */
  private notify(event: ClusterEvent): void {
    if (!this.queue.hasUnschedulable) return;
    this.queue.requeueWhere(({ pod, refusedBy }) => {
      if (refusedBy.size === 0) return true;
      for (const name of refusedBy) {
        const plugin = this.pluginsByName.get(name);
        if (!plugin?.requeueOn?.includes(event.kind)) continue;
        if (plugin.isWorthRetrying?.(pod, event) ?? true) return true;
      }
      return false;
    });
  }
}

/** A pod that has run to its end holds nothing on its node any more. */
function isOver(pod: KubernetesObject): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Whether a change of a pod matters to placement: its spec or its labels, not its status. */
function isPodNews(object: KubernetesObject, before: KubernetesObject): boolean {
  if (object === before) return false;
  if (object.spec !== before.spec && JSON.stringify(object.spec) !== JSON.stringify(before.spec)) return true;
  const [now, then] = [object.metadata, before.metadata];
  if (now.labels !== then.labels && JSON.stringify(now.labels) !== JSON.stringify(then.labels)) return true;
  return (now.deletionTimestamp === undefined) !== (then.deletionTimestamp === undefined);
}

/** Whether a change of a node may let a pod fit; heartbeats do not. */
function isNodeNews(node: KubernetesObject, before: KubernetesObject): boolean {
  const differs = (a: unknown, b: unknown) => a !== b && JSON.stringify(a) !== JSON.stringify(b);
  return (
    differs(node.spec, before.spec) ||
    differs(node.metadata.labels, before.metadata.labels) ||
    differs(node.status?.allocatable, before.status?.allocatable)
  );
}
