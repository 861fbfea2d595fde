/**
 * All nodes of a cluster and their kubelets. One actor follows the pods and hands each change to the kubelet of its node,
 * in place of thousands that each watch their own.
 * https://kubernetes.io/docs/concepts/architecture/nodes/
 */

import type { KubernetesObject } from '../../../kubernetes/object';
import { StatusError } from '../../../kubernetes/status-error';
import { UserError } from '../../../kubernetes/user-error';
import type { Actor } from '../../simulation';
import { ApplicationMetrics } from '../application-metrics';
import { ChangeFeed } from '../change-feed';
import type { ClusterContext } from '../context';
import { createEventRecorder } from '../event-recorder';
import { ImageRegistry } from '../images/image-registry';
import { blocksOfCidr, poolOfCidr } from '../network/addresses';
import { Network } from '../network/network';
import type { VolumeLocation } from '../volume-provisioner';
import { isWorthAnotherTry, Kubelet } from './kubelet';
import { DEFAULT_LATENCIES, type KubeletLatencies } from './latencies';
import { NodeLeases } from './node-leases';
import { buildCsiNode, buildNode, healthyConditions, type NodeSpec } from './node-object';
import type { PodAccess } from './pod-access';
import { createPodAccess } from './pod-access-server';
import type { PodWorker } from './pod-worker';
import { type ContainerUsage, containerUsages, metricOf, nodeUsage, type ResourceUsage } from './resource-usage';
import type { KubeletServices } from './services';
import { VolumeSources } from './volume-sources';

export interface KubeletsOptions {
  /** @default {@link DEFAULT_LATENCIES} */
  readonly latencies?: Partial<KubeletLatencies>;
}

/** The machines of a cluster: add them, take them away, let them fail. */
export interface Kubelets {
  readonly images: ImageRegistry;
  readonly network: Network;
  readonly access: PodAccess;
  readonly applicationMetrics: ApplicationMetrics;
  /** Registers a node and runs its kubelet. A Node object of that name, from an earlier life, is taken over. */
  addNode(spec: NodeSpec): KubernetesObject;
  /** The machine goes away with everything on it; the Node object stays for others to remove. */
  removeNode(name: string): void;
  /** The machine loses its power: nothing on it runs, answers or reports any more, until {@link restart}. */
  crash(name: string): void;
  /** The machine comes back, without the containers it ran. */
  restart(name: string): void;
  /** The kubelet hangs: containers go on, but nobody starts, stops or reports them. */
  pause(name: string): void;
  resume(name: string): void;
  /** Whether there is a machine of that name, up or down. */
  has(name: string): boolean;
  /** The node's clock is off by so many milliseconds. */
  skewClock(name: string, byMs: number): void;
  /** Says whether attaching persistent volumes fails. @param name undefined: on every node */
  failAttach(name: string | undefined, fails: boolean): void;
  /** The answer of EC2 to an attachment that {@link failAttach} makes fail. */
  attachFailure(location: VolumeLocation): Error | undefined;
  /** What the containers of a pod use right now; undefined when it does not run. */
  usageOf(namespace: string, pod: string): readonly ContainerUsage[] | undefined;
  /** What the pods of a node and its system use right now; undefined when it is not up. */
  nodeUsageOf(name: string): ResourceUsage | undefined;
  /** Ends a container as the kernel does when it uses too much memory, or with any exit code. */
  killContainer(namespace: string, pod: string, container: string, end?: { exitCode?: number; reason?: string }): void;
}

/** How long a kubelet waits after the API server refused its node. */
const REGISTER_RETRY_MS = 7_000;
/** How long a kubelet waits after the API server refused its node's status. */
const STATUS_RETRY_MS = 10_000;
const POD_RANGE = '10.128.0.0/9';
const NODE_RANGE = '192.168.0.0/16';

export function startKubelets(context: ClusterContext, options: KubeletsOptions = {}): Kubelets {
  return new KubeletsActor(context, options);
}

class KubeletsActor implements Actor, Kubelets {
  readonly name = 'kubelets';
  readonly images = new ImageRegistry();
  readonly network: Network;
  readonly access: PodAccess;
  readonly applicationMetrics = new ApplicationMetrics((namespace, pod, metric) =>
    metricOf(this.workerOf(namespace, pod), metric),
  );
  private readonly kubelets = new Map<string, Kubelet>();
  private readonly services: KubeletServices;
  private readonly feed: ChangeFeed;
  private readonly leases: NodeLeases;
  private readonly attachFailures = new Set<string | undefined>();
  private readonly podBlocks = blocksOfCidr(POD_RANGE);
  private readonly nodeAddresses = poolOfCidr(NODE_RANGE);

  constructor(
    private readonly context: ClusterContext,
    options: KubeletsOptions,
  ) {
    const { simulation, store } = context;
    const client = context.clientFor('system:node', 'kubelet');
    const random = simulation.random.fork('kubelets');
    this.network = new Network(context, random.fork('network'));
    this.services = {
      context,
      client,
      events: createEventRecorder({
        client,
        clock: simulation.clock,
        random: simulation.random,
        component: 'kubelet',
      }),
      images: this.images,
      network: this.network,
      volumes: new VolumeSources(context),
      latencies: { ...DEFAULT_LATENCIES, ...options.latencies },
      random,
    };
    this.leases = new NodeLeases(context);
    this.access = createPodAccess(context, (nodeName) => this.kubelets.get(nodeName));
    store.addIndex('pods', 'spec.nodeName', ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
    this.feed = new ChangeFeed(store, () => simulation.wake(this));
    this.feed.follow('pods', (object, previous) => this.podChanged(object, previous));
    this.services.volumes.history.follow(this.feed, 'configmaps', 'secrets');
    this.feed.follow('volumeattachments.storage.k8s.io', (object) => {
      if (object?.status?.attached) this.kubelets.get(object.spec.nodeName)?.volumeAttached();
    });
    simulation.wake(this);
  }

  step(): boolean {
    this.feed.read();
    return false;
  }

  addNode(spec: NodeSpec): KubernetesObject {
    const { context, services } = this;
    if (this.kubelets.has(spec.name)) {
      throw new UserError(
        'NodeExists',
        `the cluster already has a machine named "${spec.name}"`,
        'Choose another name.',
      );
    }
    const address = spec.address ?? this.nodeAddresses.allocate()!;
    const podCidr = spec.podAddresses
      ? undefined
      : (spec.podCidr ?? this.podBlocks((spec.pods ?? 110) > 250 ? 22 : 24));
    const pods = spec.podAddresses ?? poolOfCidr(podCidr!);
    const now = context.simulation.clock.now();
    const built = buildNode({ spec, address, podCidr, now, machineId: services.random.hex(32) });
    const kubelet = new Kubelet(services, { name: spec.name, address, pods });
    this.kubelets.set(spec.name, kubelet);
    this.network.attachNode(address, spec.name);
    return this.register(kubelet, built);
  }

  /** A kubelet that the API server refuses asks again, for as long as its machine is there. */
  private register(kubelet: Kubelet, built: KubernetesObject): KubernetesObject {
    const { client } = this.services;
    const { simulation, store } = this.context;
    const { name } = kubelet;
    let node: KubernetesObject;
    try {
      // A cluster that was saved and loaded knows the Node already: its kubelet only reports again.
      const known = client.tryGet('nodes', undefined, name);
      const registered = known ?? client.create('nodes', built);
      if (!client.tryGet('csinodes.storage.k8s.io', undefined, name)) {
        client.create('csinodes.storage.k8s.io', buildCsiNode(registered));
      }
      node = client.updateStatus('nodes', { ...registered, status: { ...known?.status, ...built.status } });
      this.leases.add(kubelet, node);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (!isWorthAnotherTry(error)) {
        this.removeNode(name);
        throw error;
      }
      const again = () => {
        if (this.kubelets.get(name) === kubelet) this.register(kubelet, built);
      };
      simulation.clock.after(REGISTER_RETRY_MS, again);
      return built;
    }
    for (const pod of store.byIndex('pods', 'spec.nodeName', name)) kubelet.podChanged(pod);
    return node;
  }

  removeNode(name: string): void {
    const kubelet = this.findKubelet(name);
    kubelet.crash();
    this.leases.remove(kubelet);
    this.network.detachNode(kubelet.address);
    this.nodeAddresses.release(kubelet.address);
    this.kubelets.delete(name);
  }

  crash(name: string): void {
    const kubelet = this.findKubelet(name);
    this.leases.stop(kubelet);
    kubelet.crash();
  }

  restart(name: string): void {
    const kubelet = this.findKubelet(name);
    if (kubelet.isMachineUp) return;
    kubelet.isMachineUp = true;
    this.leases.resume(kubelet);
    this.postNodeStatus(name);
    for (const pod of this.context.store.byIndex('pods', 'spec.nodeName', name)) kubelet.podChanged(pod);
  }

  pause(name: string): void {
    const kubelet = this.findKubelet(name);
    this.leases.stop(kubelet);
    kubelet.pause();
  }

  resume(name: string): void {
    const kubelet = this.findKubelet(name);
    if (!kubelet.isMachineUp || kubelet.isAlive) return;
    this.leases.resume(kubelet);
    kubelet.resume();
    this.postNodeStatus(name);
    for (const worker of kubelet.workers.values()) worker.report();
  }

  has(name: string): boolean {
    return this.kubelets.has(name);
  }

  skewClock(name: string, byMs: number): void {
    const kubelet = this.findKubelet(name);
    kubelet.clockSkewMs = byMs;
    if (!kubelet.isAlive) return;
    this.leases.resume(kubelet);
    this.postNodeStatus(name);
  }

  failAttach(name: string | undefined, fails: boolean): void {
    if (fails) this.attachFailures.add(name);
    else this.attachFailures.delete(name);
  }

  attachFailure({ handle, nodeName }: VolumeLocation): Error | undefined {
    if (!this.attachFailures.has(undefined) && !this.attachFailures.has(nodeName)) return undefined;
    return new Error(
      `rpc error: code = Internal desc = Could not attach volume "${handle}" to node "${nodeName}": operation error EC2: AttachVolume, api error InternalError: An internal error has occurred`,
    );
  }

  /** A kubelet that is back says that its node is well, whatever was written about it meanwhile. */
  private postNodeStatus(name: string): void {
    const { client } = this.services;
    const { clock } = this.context.simulation;
    const kubelet = this.kubelets.get(name);
    const node = client.tryGet('nodes', undefined, name);
    if (!node || !kubelet?.isAlive) return;
    const conditions = healthyConditions(clock.now() + kubelet.clockSkewMs);
    try {
      client.updateStatus('nodes', { ...node, status: { ...node.status, conditions } });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      clock.after(STATUS_RETRY_MS, () => this.postNodeStatus(name));
    }
  }

  killContainer(
    namespace: string,
    pod: string,
    container: string,
    end: { exitCode?: number; reason?: string } = { exitCode: 137, reason: 'OOMKilled' },
  ): void {
    if (!this.workerOf(namespace, pod)?.exit(container, end.exitCode ?? 137, end.reason)) {
      const message = `no container "${container}" runs in pod "${namespace}/${pod}"`;
      throw new UserError('NoSuchContainer', message, 'Wait until the pod is Running.');
    }
  }

  usageOf(namespace: string, pod: string): readonly ContainerUsage[] | undefined {
    const worker = this.workerOf(namespace, pod);
    return worker && containerUsages(worker);
  }

  nodeUsageOf(name: string): ResourceUsage | undefined {
    const kubelet = this.kubelets.get(name);
    return kubelet?.isMachineUp ? nodeUsage(kubelet) : undefined;
  }

  private workerOf(namespace: string, pod: string): PodWorker | undefined {
    const object = this.context.store.get('pods', namespace, pod);
    return object && this.kubelets.get(object.spec.nodeName)?.workers.get(object.metadata.uid!);
  }

  private findKubelet(name: string): Kubelet {
    const found = this.kubelets.get(name);
    if (!found) throw new UserError('NoSuchNode', `the cluster has no machine named "${name}"`);
    return found;
  }

  private podChanged(object: KubernetesObject | undefined, previous: KubernetesObject | undefined): void {
    const nodeName = (object ?? previous)!.spec.nodeName;
    const kubelet = nodeName === undefined ? undefined : this.kubelets.get(nodeName);
    if (!kubelet) return;
    if (object) kubelet.podChanged(object);
    else kubelet.podGone(previous!.metadata.uid!);
  }
}
