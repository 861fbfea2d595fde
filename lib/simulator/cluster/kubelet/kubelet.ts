/**
 * The agent of one node: it runs the pods that are assigned to it and reports on them.
 * https://kubernetes.io/docs/concepts/architecture/#kubelet
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { StatusError } from '../../../kubernetes/status-error';
import type { Involved } from '../event-recorder';
import type { PodAddressPool } from '../network/addresses';
import { NodeInfo } from '../scheduler/node-info';
import { type Resources, readPod } from '../scheduler/pod-info';
import type { ContainerRecord } from './container-record';
import type { StartFailure } from './container-starter';
import { pullImage } from './image-puller';
import type { PendingResize } from './in-place-resize';
import { MemoryWatch } from './memory-watch';
import { type PodEnd, PodWorker } from './pod-worker';
import type { KubeletServices } from './services';

/** How long a kubelet waits after the API server refused a write. */
const RETRY_MS = 1_000;

const NO_PODS = new NodeInfo('');

export interface KubeletOptions {
  readonly name: string;
  /** The node's own address. */
  readonly address: string;
  readonly pods: PodAddressPool;
}

export class Kubelet {
  readonly name: string;
  readonly address: string;
  /** By uid. */
  readonly workers = new Map<string, PodWorker>();
  readonly memory = new MemoryWatch(this);
  /** When each image that the node holds arrived. */
  readonly images = new Set<string>();
  /** Pulls go one after the other: when the last one ends. */
  pullsUntil = 0;
  /** False after a crash of the machine: nothing answers, nothing is written. */
  isMachineUp = true;
  /** How far the node's clock is ahead, in milliseconds. */
  clockSkewMs = 0;
  /** A kubelet that hangs does nothing; its containers go on. */
  private sleeping: (() => void)[] | undefined;
  private readonly addresses: PodAddressPool;
  private readonly used: NodeInfo;
  private capacity: NodeInfo;
  private capacitySource: unknown;

  constructor(
    readonly services: KubeletServices,
    options: KubeletOptions,
  ) {
    this.name = options.name;
    this.address = options.address;
    this.addresses = options.pods;
    this.used = new NodeInfo(this.name);
    this.capacity = this.used;
  }

  /** A pod of this node is new or has changed. */
  podChanged(object: KubernetesObject): void {
    this.whenAwake(() => {
      const known = this.workers.get(object.metadata.uid!);
      if (known) {
        if (known.object !== object) known.update(object);
        return;
      }
      const phase = object.status?.phase;
      if (phase === 'Succeeded' || phase === 'Failed') {
        if (object.metadata.deletionTimestamp) this.deleteObject(object);
        return;
      }
      const worker = new PodWorker(this, object);
      this.workers.set(worker.uid, worker);
      if (object.metadata.deletionTimestamp) worker.update(object);
      else worker.start();
    });
  }

  /** A volume has come to the node: pods may have waited for it. */
  volumeAttached(): void {
    this.whenAwake(() => {
      for (const worker of this.workers.values()) worker.volumeAttached();
    });
  }

  podGone(uid: string): void {
    this.whenAwake(() => {
      this.workers.get(uid)?.drop();
      this.workers.delete(uid);
    });
  }

  /** Does something now, or when the kubelet is no longer paused. */
  whenAwake(act: () => void): void {
    if (!this.isMachineUp) return;
    if (this.sleeping) this.sleeping.push(act);
    else act();
  }

  pause(): void {
    if (this.isMachineUp) this.sleeping ??= [];
  }

  resume(): void {
    const waiting = this.sleeping ?? [];
    this.sleeping = undefined;
    for (const act of waiting) act();
  }

  /** Whether it would renew its lease. */
  get isAlive(): boolean {
    return this.isMachineUp && this.sleeping === undefined;
  }

  /** The machine is gone, and everything on it. */
  crash(): void {
    for (const worker of this.workers.values()) worker.drop();
    this.workers.clear();
    this.images.clear();
    this.sleeping = undefined;
    this.isMachineUp = false;
  }

  /** Looks whether the pod fits: whoever names a node in a pod's spec goes past the scheduler. */
  admit(worker: PodWorker): PodEnd | undefined {
    const node = this.services.context.store.get('nodes', undefined, this.name);
    if (!node) return undefined;
    if (this.capacitySource !== node.status?.allocatable) {
      this.capacity = new NodeInfo(this.name);
      this.capacity.setNode(node);
      this.capacitySource = node.status?.allocatable;
    }
    const pod = readPod(worker.object);
    const rejection = rejectionOf(pod.requests, this.used, this.capacity);
    if (!rejection) this.used.addPod(pod);
    return rejection;
  }

  /**
   * The requests of a running pod have changed: gives it what it asks for, or says why it has to wait.
   * https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#pod-resize-status
   */
  resize(worker: PodWorker): PendingResize | undefined {
    const pod = readPod(worker.object);
    const before = this.used.pods.get(pod.key);
    if (!before) return undefined;
    this.used.removePod(before);
    const never = rejectionOf(pod.requests, NO_PODS, this.capacity);
    const notNow = rejectionOf(pod.requests, this.used, this.capacity);
    this.used.addPod(never || notNow ? before : pod);
    if (never) {
      const message = never.message.replace('enough resource', 'enough capacity').replace(' used: 0,', '');
      return { reason: 'Infeasible', message };
    }
    return notNow && { reason: 'Deferred', message: notNow.message };
  }

  hasImage(image: string): boolean {
    return this.images.has(image);
  }

  pullImage(pod: PodWorker, container: ContainerRecord, done: (failure?: StartFailure) => void): void {
    pullImage(this, pod, container, done);
  }

  allocateAddress(worker: PodWorker): string | undefined {
    const address = worker.object.spec.hostNetwork ? this.address : this.addresses.allocate();
    if (address !== undefined) this.services.network.attachPod(address, worker.endpoint);
    return address;
  }

  /** The pod has ended: its address and its share of the node are free. */
  release(worker: PodWorker): void {
    const { podIp } = worker;
    if (worker.isReleased) return;
    worker.isReleased = true;
    const claimed = this.used.pods.get(`${worker.namespace}/${worker.name}`);
    if (claimed?.uid === worker.uid) {
      this.used.removePod(claimed);
      for (const other of this.workers.values()) other.resize.retry();
    }
    if (podIp === undefined) return;
    this.services.network.detachPod(podIp, worker.endpoint);
    if (podIp !== this.address) this.addresses.release(podIp);
  }

  event(involved: Involved, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.services.events.event(involved, type, reason, message, this.name);
  }

  /** Returns what is stored then; undefined when the pod is gone, or the API server would not: then it tries again. */
  writeStatus(worker: PodWorker, current: KubernetesObject, status: Record<string, unknown>) {
    try {
      return this.services.client.updateStatus('pods', { ...current, status });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (isWorthAnotherTry(error)) worker.after(RETRY_MS, () => worker.report());
      return undefined;
    }
  }

  deletePod(worker: PodWorker): void {
    this.deleteObject(worker.object);
  }

  private deleteObject(object: KubernetesObject): void {
    const { metadata } = object;
    try {
      this.services.client.delete('pods', metadata.namespace, metadata.name!, {
        gracePeriodSeconds: 0,
        preconditions: { uid: metadata.uid! },
      });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      // A conflict says that it is another pod of that name.
      if (error.reason === 'Conflict' || !isWorthAnotherTry(error)) return;
      const { clock } = this.services.context.simulation;
      clock.after(RETRY_MS, () => this.whenAwake(() => this.deleteObject(object)));
    }
  }
}

/** Whether the same request may succeed later: the API server had a bad moment, or somebody was faster. */
export function isWorthAnotherTry({ code, reason }: StatusError): boolean {
  return code >= 500 || code === 429 || reason === 'Conflict';
}

function rejectionOf(requests: Resources, used: NodeInfo, capacity: NodeInfo): PodEnd | undefined {
  const check = (name: string, wanted: number, taken: number, offered: number): PodEnd | undefined => {
    if (wanted === 0 || taken + wanted <= offered) return undefined;
    const message = `Node didn't have enough resource: ${name}, requested: ${wanted}, used: ${taken}, capacity: ${offered}`;
    return { reason: `OutOf${name}`, message };
  };
  return (
    check('pods', 1, used.pods.size, capacity.podLimit) ??
    check('cpu', requests.milliCpu, used.requestedCpu, capacity.milliCpu) ??
    check('memory', requests.memory, used.requestedMemory, capacity.memory)
  );
}
