/**
 * One simulated Kubernetes cluster: store, API server, controllers, scheduler, kubelets and service network, composed
 * on one simulation.
 */
import { Simulation } from '../simulation';
import type { AdmissionOptions } from './api-server/admission/admission';
import { ApiServer } from './api-server/api-server';
import type { ServiceAccountTokens } from './api-server/auth/service-account-tokens';
import type { Disturbances } from './api-server/disturbances';
import type { ResourceRegistry } from './api-server/resources';
import type { ApplicationMetrics } from './application-metrics';
import { clusterAutoscaler } from './autoscaler/cluster-autoscaler';
import { MachineGroup, type NodeGroupSpec } from './autoscaler/machine-groups';
import { SigningAuthority } from './certificates/signing-authority';
import type { Client } from './client';
import type { ClusterContext } from './context';
import { startControllers } from './controllers/index';
import { createDefaultStorageClasses } from './default-storage-classes';
import { startEventTtl } from './event-ttl';
import { createFaults, type Faults } from './faults/faults';
import { type Kubelets, startKubelets } from './kubelet/kubelets';
import { metricsResources } from './metrics-api';
import type { PodMetrics } from './pod-metrics';
import { type Scheduler, startScheduler } from './scheduler/scheduler';
import { Store } from './store';
import {
  EBS_DRIVER,
  EBS_IN_TREE,
  simulatedDisks,
  type VolumeLocation,
  type VolumeProvisioner,
} from './volume-provisioner';

/** Of the nodes of a cluster that stands alone. */
const REGION = 'eu-west-1';

export interface ClusterOptions {
  /** @default a new one */
  readonly simulation?: Simulation;
  /** The seed of the new simulation. @default 1 */
  readonly seed?: number;
  /** @default `drydock` */
  readonly name?: string;
  /** Run controllers, scheduler, kubelets and nodes; false leaves the API server alone. @default true */
  readonly controllers?: boolean;
  /** Where cluster IPs come from. @default 10.96.0.0/16 */
  readonly serviceCidr?: string;
  readonly admission?: Partial<AdmissionOptions>;
  /** How many nodes the cluster starts with. @default 0 */
  readonly nodes?: number;
  /** Groups of machines that grow for Pods that fit nowhere, and shrink when they are idle. @default none */
  readonly nodeGroups?: readonly NodeGroupSpec[];
  /** PEM: by which Pods know the API server. @default none, where it has no HTTPS door */
  readonly caCertificate?: string;
}

export class Cluster implements ClusterContext {
  readonly clusterName: string;
  readonly simulation: Simulation;
  readonly store = new Store();
  readonly api: ApiServer;
  readonly volumeProvisioners: Map<string, VolumeProvisioner>;
  readonly caCertificate?: string;
  readonly signingAuthority: SigningAuthority;
  /** Undefined when the API server stands alone. */
  readonly scheduler?: Scheduler;
  /** The machines: undefined when the API server stands alone. */
  readonly kubelets?: Kubelets;
  /** What can be made to go wrong: undefined when the API server stands alone. */
  readonly faults?: Faults;
  /** Takes a machine away for good, with its Node; whoever brought the machines (the bridge) puts its own here. */
  terminateMachine = (node: string): void => {
    if (!this.kubelets?.has(node)) return;
    this.kubelets.removeNode(node);
    const client = this.clientFor('system:cloud-controller-manager', 'cloud-controller-manager');
    if (client.tryGet('nodes', undefined, node)) client.delete('nodes', undefined, node);
  };

  constructor(options: ClusterOptions = {}) {
    this.clusterName = options.name ?? 'drydock';
    if (options.caCertificate) this.caCertificate = options.caCertificate;
    this.simulation = options.simulation ?? new Simulation({ seed: options.seed });
    this.api = new ApiServer(this.simulation, this.store, {
      ...(options.serviceCidr ? { serviceCidr: options.serviceCidr } : {}),
      ...(options.admission ? { admission: options.admission } : {}),
      ...(options.caCertificate ? { caCertificate: options.caCertificate } : {}),
    });
    this.signingAuthority = new SigningAuthority(this.simulation, this.caCertificate);
    this.api.identifyCertificate = (raw) => this.signingAuthority.tryIdentify(raw);
    const disks = simulatedDisks(this.simulation);
    this.volumeProvisioners = new Map([EBS_DRIVER, EBS_IN_TREE].map((driver) => [driver, disks]));
    startEventTtl(this);
    if (options.controllers ?? true) {
      createDefaultStorageClasses(this.clientFor('system:masters'));
      startControllers(this);
      this.scheduler = startScheduler(this);
      this.kubelets = startKubelets(this);
      this.api.podAccess = this.kubelets.access;
      this.api.outbound.network = this.kubelets.network;
      for (const resource of metricsResources(this, this.kubelets)) this.api.resources.set(resource);
      this.addNodes(options.nodes ?? 0);
      this.addNodeGroups(options.nodeGroups ?? []);
      this.faults = createFaults({
        simulation: this.simulation,
        store: this.store,
        api: this.api,
        kubelets: this.kubelets,
        client: this.clientFor('kubernetes-admin', 'kubectl'),
        terminateMachine: (node) => this.terminateMachine(node),
      });
    }
  }

  get resources(): ResourceRegistry {
    return this.api.resources;
  }

  get disturbances(): Disturbances {
    return this.api.disturbances;
  }

  get serviceAccountTokens(): ServiceAccountTokens {
    return this.api.tokens;
  }

  get podMetrics(): PodMetrics | undefined {
    return this.kubelets;
  }

  attachFailure(location: VolumeLocation): Error | undefined {
    return this.kubelets?.attachFailure(location);
  }

  get applicationMetrics(): ApplicationMetrics | undefined {
    return this.kubelets?.applicationMetrics;
  }

  clientFor(user: string, userAgent?: string): Client {
    return this.api.clientFor(user, userAgent);
  }

  private addNodeGroups(specs: readonly NodeGroupSpec[]): void {
    if (specs.length === 0) return;
    const { simulation, scheduler } = this;
    const takeAway = this.terminateMachine;
    const world = { simulation, kubelets: this.kubelets!, region: REGION, terminateMachine: takeAway };
    const groups = specs.map((spec) => new MachineGroup(spec, world));
    this.terminateMachine = (node) => {
      takeAway(node);
      for (const group of groups) group.lost(node);
    };
    startControllers(this, { controllers: [clusterAutoscaler({ scheduler: scheduler!, groups: () => groups })] });
  }

  /** `node-1`, `node-2`, ... spread over three zones. */
  private addNodes(count: number): void {
    for (let i = 0; i < count; i++) {
      const zone = `${REGION}${'abc'[i % 3]}`;
      this.kubelets!.addNode({ name: `node-${i + 1}`, region: REGION, zone });
    }
  }
}
