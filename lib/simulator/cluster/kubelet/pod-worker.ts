/**
 * One pod on one node, from its arrival to its end: the kubelet's syncPod.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 *
 * It is level-based. Whenever something has happened (a volume is there, a container ended, time has passed), `sync`
 * looks at the state of all containers and starts the next thing: volumes, sandbox, init containers one by one, then the
 * containers. How a container is started is in container-starter.ts, how a pod is stopped in pod-termination.ts.
 */
import type { Timer } from '../../../clock';
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import type { FileTree } from '../images/container-files';
import { type ContainerRecord, fieldOf, newContainerRecord } from './container-record';
import { containerExited, startContainer } from './container-starter';
import { takeOverStatus } from './earlier-life';
import { InPlaceResize } from './in-place-resize';
import type { Kubelet } from './kubelet';
import { PodNetworkEndpoint } from './pod-endpoint';
import { buildPodStatus, isContradictory } from './pod-status';
import { beginTermination, continueTermination, killNow } from './pod-termination';
import { latencyOf } from './services';

/** How long a kubelet waits for volumes before it says so. */
const ATTACH_PATIENCE_MS = 123_000;

/** A pod that ends for a reason of its own: `Evicted`, `DeadlineExceeded`, `OutOfcpu`. */
export interface PodEnd {
  readonly reason: string;
  readonly message: string;
}

export class PodWorker {
  readonly containers: ContainerRecord[];
  readonly startedAt: number;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  podIp: string | undefined;
  sandboxReady = false;
  /** Nothing will run here again. */
  isOver = false;
  /** Its address has been given back. */
  isReleased = false;
  /** Set while it is being stopped. */
  termination: { deadline: number; timer?: Timer; readonly endsWith?: PodEnd } | undefined;
  readonly endpoint: PodNetworkEndpoint;
  private ended: PodEnd | undefined;
  readonly resize = new InPlaceResize(this);
  private mountBackoff = 0;
  private mountedAt = 0;
  /** Set while volumes are waited for that are not attached to the node. */
  private attachTimer: Timer | undefined;
  private timers: Set<Timer> | undefined;
  private gone = false;
  private isDeletionRequested = false;
  private trees: Map<string, FileTree> | undefined;

  constructor(
    readonly kubelet: Kubelet,
    public object: KubernetesObject,
  ) {
    const { spec, metadata } = object;
    this.uid = metadata.uid!;
    this.namespace = metadata.namespace!;
    this.name = metadata.name!;
    this.startedAt = this.now();
    const inits: any[] = spec.initContainers ?? [];
    const hasInits = inits.length > 0;
    this.containers = [
      ...inits.map((each) => newContainerRecord(each, each.restartPolicy === 'Always' ? 'sidecar' : 'init', hasInits)),
      ...spec.containers.map((each: any) => newContainerRecord(each, 'main', hasInits)),
    ];
    this.addEphemeralContainers();
    for (const container of this.containers) takeOverStatus(container, object, this.startedAt);
    this.endpoint = new PodNetworkEndpoint(this);
  }

  get restartPolicy(): 'Always' | 'OnFailure' | 'Never' {
    return this.object.spec.restartPolicy ?? 'Always';
  }

  /** Whether the pod is expected to end by itself, so that its work is waited for. */
  get isTask(): boolean {
    return this.restartPolicy !== 'Always';
  }

  now(): number {
    return this.kubelet.services.context.simulation.clock.now();
  }

  /** Calls back unless the pod is gone by then. */
  after(delayMs: number, callback: () => void, background = false): Timer {
    const { clock } = this.kubelet.services.context.simulation;
    const timer = clock.after(
      delayMs,
      () => {
        this.timers?.delete(timer);
        this.kubelet.whenAwake(() => {
          if (!this.gone) callback();
        });
      },
      { background },
    );
    this.timers ??= new Set();
    this.timers.add(timer);
    return timer;
  }

  cancel(timer: Timer | undefined): void {
    if (!timer) return;
    timer.cancel();
    this.timers?.delete(timer);
  }

  event(type: 'Normal' | 'Warning', reason: string, message: string, container?: ContainerRecord): void {
    const field = container && `spec.${fieldOf(container.role)}{${container.name}}`;
    this.kubelet.event(field ? { ...this.object, fieldPath: field } : this.object, type, reason, message);
  }

  start(): void {
    const { activeDeadlineSeconds } = this.object.spec;
    const rejection = this.kubelet.admit(this);
    if (rejection) {
      this.event('Warning', rejection.reason, rejection.message);
      this.isOver = true;
      this.ended = { reason: rejection.reason, message: `Pod was rejected: ${rejection.message}` };
      this.report();
      return;
    }
    this.report();
    if (activeDeadlineSeconds) this.after(activeDeadlineSeconds * 1000, () => this.exceedDeadline(), !this.isTask);
    this.mountVolumes();
  }

  /** The object has changed in the API. */
  update(object: KubernetesObject): void {
    const before = this.object;
    this.object = object;
    if (isTerminating(object)) {
      const seconds = object.metadata.deletionGracePeriodSeconds ?? 30;
      if (this.isOver) this.finish();
      else beginTermination(this, seconds);
      return;
    }
    if (before.spec !== object.spec) this.specChanged();
    if (before.status?.conditions === object.status?.conditions) return;
    if (object.spec.readinessGates || (this.kubelet.isAlive && isContradictory(object))) this.report();
  }

  /** The object is gone from the API: nothing of it may stay. */
  drop(): void {
    killNow(this);
    this.release();
    this.gone = true;
    for (const timer of this.timers ?? []) timer.cancel();
    this.timers = undefined;
  }

  /** Looks what is to be done next, and does it. */
  sync(): void {
    if (!this.sandboxReady || this.termination || this.isOver) return;
    for (const container of this.containers) {
      if (container.role !== 'init') continue;
      if (container.state === 'terminated' && container.termination!.exitCode !== 0 && this.restartPolicy === 'Never') {
        this.end();
        return;
      }
    }
    for (const container of this.containers) {
      if (container.role === 'main' || container.role === 'ephemeral') continue;
      if (!this.advanceInit(container)) return;
    }
    for (const container of this.containers) {
      if (container.state === 'starting') return;
      if ((container.role === 'main' || container.role === 'ephemeral') && this.wantsStart(container)) {
        startContainer(this, container);
        return;
      }
    }
    if (this.mainsAreOver()) this.end();
  }

  /** True when the next container may follow. */
  private advanceInit(container: ContainerRecord): boolean {
    if (container.state === 'running') return container.role === 'sidecar' && container.run!.started;
    if (container.state === 'starting') return false;
    if (container.role === 'init' && container.state === 'terminated' && container.termination!.exitCode === 0)
      return true;
    if (this.wantsStart(container)) startContainer(this, container);
    return false;
  }

  /** Whether a container that does not run should be started now. One in back-off is started by its timer. */
  private wantsStart(container: ContainerRecord): boolean {
    return container.state === 'waiting' && !isBackingOff(container);
  }

  private mainsAreOver(): boolean {
    return this.containers.every(
      ({ role, state, restarts }) => role !== 'main' || (state === 'terminated' && !restarts),
    );
  }

  /** Everything that was to be done has been done: sidecars are stopped, the phase becomes final. */
  private end(): void {
    beginTermination(this, this.object.spec.terminationGracePeriodSeconds ?? 30);
  }

  /** Stops the pod for a reason of its own. */
  endWith(end: PodEnd, graceSeconds?: number): void {
    if (this.isOver || this.termination) return;
    if (end.reason === 'Evicted') this.event('Warning', 'Evicted', end.message);
    beginTermination(this, graceSeconds ?? this.object.spec.terminationGracePeriodSeconds ?? 30, end);
  }

  /** Called when the last container has stopped. */
  stopped(): void {
    this.ended = this.termination?.endsWith;
    this.cancel(this.termination?.timer);
    this.isOver = true;
    this.sandboxReady = false;
    this.release();
    this.report();
    if (isTerminating(this.object)) this.finish();
  }

  /** Tells the API server that the pod can go. */
  private finish(): void {
    // With finalizers the object stays for a while; asking once is enough.
    if (this.isDeletionRequested) return;
    this.isDeletionRequested = true;
    this.kubelet.deletePod(this);
  }

  private release(): void {
    this.kubelet.release(this);
  }

  /** While the pod is being stopped: one container less. */
  containerStopped(): void {
    continueTermination(this);
  }

  /** The tree of one of the pod's volumes; all its containers see the same one. */
  treeOf(volume: any): FileTree {
    this.trees ??= new Map();
    let tree = this.trees.get(volume.name);
    if (!tree) {
      const { podIp = '', kubelet, object } = this;
      tree = kubelet.services.volumes.open(volume, {
        pod: object,
        podIp,
        hostIp: kubelet.address,
        nodeName: kubelet.name,
        mountedAt: this.mountedAt,
      });
      this.trees.set(volume.name, tree);
    }
    return tree;
  }

  /** Ends a running container from outside. False when it does not run. */
  exit(name: string, exitCode: number, reason?: string): boolean {
    const container = this.containers.find((each) => each.name === name && each.state === 'running');
    if (container) containerExited(this, container, exitCode, reason);
    return container !== undefined;
  }

  private exceedDeadline(): void {
    const message = 'Pod was active on the node longer than the specified deadline';
    if (this.isOver) return;
    this.event('Normal', 'DeadlineExceeded', message);
    this.endWith({ reason: 'DeadlineExceeded', message });
  }

  private mountVolumes(): void {
    if (this.termination) return;
    const { latencies, volumes } = this.kubelet.services;
    const failure = this.object.spec.volumes ? volumes.missing(this.object) : undefined;
    if (failure) {
      const message = `MountVolume.SetUp failed for volume "${failure.volume}" : ${failure.message}`;
      this.event('Warning', 'FailedMount', message);
      const wait = this.mountBackoff || latencies.firstMountBackoff;
      this.mountBackoff = Math.min(latencies.lastMountBackoff, wait * 2);
      this.after(wait, () => this.mountVolumes(), wait >= 4_000);
      return;
    }
    const unattached = this.object.spec.volumes ? volumes.unattached(this.object) : [];
    if (unattached.length > 0) {
      this.awaitAttachment();
      return;
    }
    this.cancel(this.attachTimer);
    this.attachTimer = undefined;
    this.mountedAt = this.now();
    this.after(latencyOf(this.kubelet.services, latencies.sandbox), () => this.createSandbox());
  }

  /** Says what it waits for whenever the kubelet has lost its patience; it goes on when the volumes are there. */
  private awaitAttachment(): void {
    this.attachTimer ??= this.after(
      ATTACH_PATIENCE_MS,
      () => {
        this.attachTimer = undefined;
        const names = this.kubelet.services.volumes.unattached(this.object).join(' ');
        const message = `Unable to attach or mount volumes: unmounted volumes=[${names}], unattached volumes=[], failed to process volumes=[]: context deadline exceeded`;
        this.event('Warning', 'FailedMount', message);
        this.mountVolumes();
      },
      true,
    );
  }

  /** A volume has come to the node. */
  volumeAttached(): void {
    if (this.attachTimer) this.mountVolumes();
  }

  private createSandbox(): void {
    if (this.termination) return;
    this.podIp = this.kubelet.allocateAddress(this);
    if (this.podIp === undefined) {
      const message =
        'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: plugin type="aws-cni" failed (add): add cmd: failed to assign an IP address to container';
      this.event('Warning', 'FailedCreatePodSandBox', message);
      this.after(10_000, () => this.createSandbox(), true);
      return;
    }
    this.sandboxReady = true;
    // Worth a write of its own only when the pod will be seen in this state: while it pulls or initializes.
    const waits = this.containers.some(({ spec, role }) => role !== 'main' || !this.kubelet.hasImage(spec.image));
    if (waits) this.report();
    this.sync();
  }

  private addEphemeralContainers(): void {
    for (const spec of this.object.spec.ephemeralContainers ?? []) {
      if (this.containers.some(({ name }) => name === spec.name)) continue;
      this.containers.push(newContainerRecord(spec, 'ephemeral', false));
    }
  }

  private specChanged(): void {
    this.addEphemeralContainers();
    const specs: any[] = [...(this.object.spec.initContainers ?? []), ...this.object.spec.containers];
    for (const container of this.containers) {
      const before = container.spec;
      const spec = specs.find(({ name }) => name === container.name);
      if (!spec || spec === before) continue;
      container.spec = spec;
      if (container.state === 'running' && spec.image !== before.image) this.replace(container, 'definition changed');
    }
    this.resize.look();
    this.sync();
  }

  /** Ends a container because it is to be another one. */
  replace(container: ContainerRecord, change: string): void {
    this.event('Normal', 'Killing', `Container ${container.name} ${change}, will be restarted`, container);
    containerExited(this, container, 0);
  }

  /** Writes the status. */
  report(): void {
    const { services } = this.kubelet;
    const current = services.context.store.get('pods', this.namespace, this.name);
    if (!current || current.metadata.uid !== this.uid) return;
    const status = buildPodStatus({
      pod: current,
      containers: this.containers,
      hostIp: this.kubelet.address,
      podIp: this.podIp,
      sandboxReady: this.sandboxReady,
      startedAt: this.startedAt,
      now: this.now() + this.kubelet.clockSkewMs,
      ...(this.ended ? { ended: this.ended } : {}),
      pendingResize: this.resize.pending,
      isOver: this.isOver,
      imageNameOf: (image) => services.images.find(image).reference,
    });
    this.object = this.kubelet.writeStatus(this, current, status) ?? this.object;
  }
}

function isBackingOff(container: ContainerRecord): boolean {
  return container.waitingReason === 'CrashLoopBackOff' || container.waitingReason === 'ImagePullBackOff';
}
