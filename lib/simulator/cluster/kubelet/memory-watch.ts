/**
 * What happens when memory runs out: a container beyond its limit is killed (OOMKilled), and a node with less than 100 MiB left
 * evicts pods, one after the other, until it has more.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
 *
 * Who goes first: pods that use more than they requested, then those of lower priority, then those that are furthest above their
 * request. Nobody looks while all images on the node leave their usage to us: then it never exceeds a request.
 *
 * Left out: pressure of disks and process numbers, soft thresholds.
 */
import { type Condition, formatTime } from '../../../kubernetes/object';
import { readResource } from '../scheduler/pod-info';
import { containerExited } from './container-starter';
import type { Kubelet } from './kubelet';
import type { PodWorker } from './pod-worker';
import { containerUsages, nodeUsage } from './resource-usage';

const FIRST_LOOK_MS = 1_000;
const PERIOD_MS = 10_000;
const THRESHOLD_BYTES = 100 * 1024 ** 2;
/** How long a node stays marked after the pressure has gone. */
const TRANSITION_MS = 300_000;
const OOM_EXIT = 137;

export class MemoryWatch {
  private isScheduled = false;
  /** When memory was short last; undefined while the node is not marked. */
  private shortAt: number | undefined;

  constructor(private readonly kubelet: Kubelet) {}

  /** Looks soon: a container has started whose image says what it uses. */
  begin(): void {
    this.schedule(FIRST_LOOK_MS);
  }

  private schedule(delayMs: number): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    const { clock } = this.kubelet.services.context.simulation;
    clock.after(
      delayMs,
      () => {
        this.isScheduled = false;
        this.kubelet.whenAwake(() => this.look());
      },
      { background: true },
    );
  }

  private look(): void {
    const workers = [...this.kubelet.workers.values()].filter(({ isOver }) => !isOver);
    for (const worker of workers) killBeyondLimits(worker);
    this.checkNode(workers);
    const isInteresting = workers.some(({ containers }) => containers.some(({ run }) => run?.behaviour.usage));
    if (isInteresting || this.shortAt !== undefined) this.schedule(PERIOD_MS);
  }

  private checkNode(workers: readonly PodWorker[]): void {
    const { context } = this.kubelet.services;
    const now = context.simulation.clock.now();
    const node = context.store.get('nodes', undefined, this.kubelet.name);
    const capacity = node?.status?.capacity?.memory;
    if (!node || capacity === undefined) return;
    const available = readResource('memory', capacity) - nodeUsage(this.kubelet).memoryBytes;
    if (available >= THRESHOLD_BYTES) {
      if (this.shortAt !== undefined && now - this.shortAt >= TRANSITION_MS) this.mark(undefined);
      return;
    }
    this.kubelet.event(node, 'Warning', 'EvictionThresholdMet', 'Attempting to reclaim memory');
    if (this.shortAt === undefined) this.mark(now);
    else this.shortAt = now;
    const [first] = workers.filter((worker) => !worker.termination).sort(byRank);
    first?.endWith({ reason: 'Evicted', message: evictionMessage(first, available) }, 0);
  }

  private mark(shortAt: number | undefined): void {
    this.shortAt = shortAt;
    const { client, context } = this.kubelet.services;
    const node = context.store.get('nodes', undefined, this.kubelet.name);
    if (!node) return;
    const isShort = shortAt !== undefined;
    const time = formatTime(context.simulation.clock.now());
    const state = {
      status: isShort ? 'True' : 'False',
      reason: isShort ? 'KubeletHasInsufficientMemory' : 'KubeletHasSufficientMemory',
      message: `kubelet has ${isShort ? 'insufficient' : 'sufficient'} memory available`,
      lastHeartbeatTime: time,
      lastTransitionTime: time,
    };
    const conditions = node.status.conditions.map((each: Condition) =>
      each.type === 'MemoryPressure' ? { ...each, ...state } : each,
    );
    const written = client.updateStatus('nodes', { ...node, status: { ...node.status, conditions } });
    const reason = isShort ? 'NodeHasInsufficientMemory' : 'NodeHasSufficientMemory';
    this.kubelet.event(written, 'Normal', reason, `Node ${this.kubelet.name} status is now: ${reason}`);
  }
}

function killBeyondLimits(worker: PodWorker): void {
  for (const container of worker.containers) {
    const { run, spec } = container;
    const limit = spec.resources?.limits?.memory;
    const usage = limit === undefined ? undefined : run?.behaviour.usage?.(run.view);
    if (usage && usage.memoryBytes > readResource('memory', limit)) {
      containerExited(worker, container, OOM_EXIT, 'OOMKilled');
    }
  }
}

const requestOf = (worker: PodWorker, name: string): number => {
  const spec = worker.containers.find((each) => each.name === name)?.spec;
  const request = spec?.resources?.requests?.memory;
  return request === undefined ? 0 : readResource('memory', request);
};

/** Bytes above the requests of a pod's containers. */
function excessOf(worker: PodWorker): number {
  return containerUsages(worker).reduce((sum, { name, memoryBytes }) => sum + memoryBytes - requestOf(worker, name), 0);
}

function byRank(a: PodWorker, b: PodWorker): number {
  const [excessA, excessB] = [excessOf(a), excessOf(b)];
  if (excessA > 0 !== excessB > 0) return excessA > 0 ? -1 : 1;
  const priorities = (a.object.spec.priority ?? 0) - (b.object.spec.priority ?? 0);
  return priorities !== 0 ? priorities : excessB - excessA;
}

function evictionMessage(worker: PodWorker, available: number): string {
  const kibibytes = (bytes: number) => (bytes === 0 ? '0' : `${Math.round(bytes / 1024)}Ki`);
  const containers = containerUsages(worker)
    .filter(({ name, memoryBytes }) => memoryBytes > requestOf(worker, name))
    .map(({ name, memoryBytes }) => {
      const request = worker.containers.find((each) => each.name === name)?.spec.resources?.requests?.memory ?? '0';
      return `Container ${name} was using ${kibibytes(memoryBytes)}, request is ${request}, has larger consumption of memory. `;
    });
  return `The node was low on resource: memory. Threshold quantity: 100Mi, available: ${kibibytes(available)}. ${containers.join('')}`;
}
