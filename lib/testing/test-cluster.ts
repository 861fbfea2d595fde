/**
 * A Kubernetes cluster inside a test: API server, controllers, scheduler, nodes and network in the same process, on a virtual
 * clock. Nothing is asynchronous and no socket is opened; ten minutes pass in milliseconds, and the same seed gives the same
 * history.
 */
import type { IConstruct } from 'constructs';
import { durationMs } from '../clock';
import { type KubernetesObject, parseApiVersion } from '../kubernetes/object';
import { StatusError } from '../kubernetes/status-error';
import { synthesize } from '../manifests/synthesis';
import { readObjects } from '../manifests/yaml-reader';
import type { ServedResource } from '../simulator/cluster/api-server/resources';
import type { ApplicationMetrics } from '../simulator/cluster/application-metrics';
import type { NodeGroupSpec } from '../simulator/cluster/autoscaler/machine-groups';
import type { Client, DeleteOptions } from '../simulator/cluster/client';
import { Cluster } from '../simulator/cluster/cluster';
import type { Faults } from '../simulator/cluster/faults/faults';
import type { ExecResult } from '../simulator/cluster/images/image-behaviour';
import type { Kubelets } from '../simulator/cluster/kubelet/kubelets';
import type { NodeSpec } from '../simulator/cluster/kubelet/node-object';
import type { LogOptions } from '../simulator/cluster/kubelet/pod-access';
import type { HttpResponse } from '../simulator/cluster/network/http-message';
import {
  startTraffic,
  type Traffic,
  type TrafficNetwork,
  type TrafficOptions,
} from '../simulator/cluster/network/traffic';
import { attachPublicNetwork } from '../simulator/public-network';
import { Random } from '../simulator/random';
import { SimulationTimeout } from '../simulator/simulation';
import { type EventFilter, type EventLine, eventLines } from './event-lines';
import { findResource, type ObjectOfKind } from './kind-names';
import { readinessIn } from './readiness-report';

export interface TestClusterOptions {
  /** How many nodes there are, over three zones in turn; or what they are. @default 3, or 0 where there are node groups */
  readonly nodes?: number | readonly NodeSpec[];
  /** Groups of machines that grow for Pods that fit nowhere, and shrink when they are idle. @default none */
  readonly nodeGroups?: readonly NodeGroupSpec[];
  /** Drives every choice: names, scheduling ties, the order of events. @default 1 */
  readonly seed?: number;
  /**
   * Give Services of type LoadBalancer and Ingresses of class `alb` load balancers, as the AWS Load Balancer Controller does.
   * @default true
   */
  readonly loadBalancers?: boolean;
}

export interface RequestOptions {
  /** @default GET */
  readonly method?: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Where short names are looked up. @default default */
  readonly namespace?: string;
}

export interface ExecOptions {
  /** @default default */
  readonly namespace?: string;
  /** @default the Pod's only container, or the one its annotation kubectl.kubernetes.io/default-container names */
  readonly container?: string;
  readonly stdin?: string;
}

/** An App, a Chart, an object, a list of objects, or YAML. */
export type Applicable = IConstruct | KubernetesObject | readonly KubernetesObject[] | string;

export interface ListFilter {
  /** @default all namespaces */
  readonly namespace?: string;
  /** As in `kubectl -l`: `app=web,tier in (a,b)`. */
  readonly labels?: string;
}

/** @example const cluster = startCluster({ nodes: 3 }); */
export function startCluster(options: TestClusterOptions = {}): TestCluster {
  const { nodeGroups = [], nodes = nodeGroups.length > 0 ? 0 : 3, seed = 1, loadBalancers = true } = options;
  const cluster = new Cluster({ seed, nodeGroups });
  for (const spec of typeof nodes === 'number' ? Array.from({ length: nodes }, numberedNode) : nodes) {
    cluster.kubelets!.addNode({ providerId: providerIdOf(spec), ...spec });
  }
  return new TestCluster(cluster, loadBalancers ? attachPublicNetwork(cluster, REGION) : cluster.kubelets!.network);
}

const REGION = 'eu-central-1';

function numberedNode(_: unknown, index: number): NodeSpec {
  return { name: `node-${index + 1}`, region: REGION, zone: `${REGION}${'abc'[index % 3]}` };
}

/** Load balancers know nodes by their instances. */
function providerIdOf({ name, zone = `${REGION}a` }: NodeSpec): string {
  return `aws:///${zone}/i-${new Random(0).fork(name).hex(17)}`;
}

/** Where an object was read, so that a matcher can look at what is around it. */
const clusters = new WeakMap<object, TestCluster>();

export const clusterOf = (object: object): TestCluster | undefined => clusters.get(object);

const USER = 'kubernetes-admin';
const MANAGER = 'drydock-test';
/** How long the cluster may take to make what the next object needs: a service account, a definition's endpoint. */
const PREREQUISITE_LIMIT = '30s';
/** How long the cluster gets to react to what the test did last. */
const CATCH_UP_MS = 2_000;

export class TestCluster {
  /** For everything that has no method here: the client that controllers use. */
  readonly client: Client;
  private readonly applied = new Map<
    string,
    { readonly resource: ServedResource; readonly object: KubernetesObject }
  >();

  /** @internal use {@link startCluster} */
  constructor(
    readonly cluster: Cluster,
    private readonly front: TrafficNetwork = cluster.kubelets!.network,
  ) {
    this.client = cluster.clientFor(USER);
  }

  /**
   * Applies like `kubectl apply --server-side`, in the order given; what lives in a namespace and names none goes to `default`.
   * @returns the stored objects
   * @throws StatusError with the API server's answer when it refuses one
   */
  apply(...what: readonly Applicable[]): KubernetesObject[] {
    return what.flatMap(objectsOf).map((object) => this.applyObject(object));
  }

  private applyObject(object: KubernetesObject): KubernetesObject {
    const resource = this.resourceOf(object);
    const placed = resource.namespaced ? inNamespace(object, object.metadata.namespace ?? 'default') : object;
    const { name = '', namespace } = placed.metadata;
    if (resource.kind === 'Pod') this.awaitServiceAccount(placed);
    const patch = { force: true, fieldManager: MANAGER };
    const stored = this.client.patch(resource.collection, namespace, name, 'apply', placed, patch);
    this.applied.set(`${resource.collection}/${namespace ?? ''}/${name}`, { resource, object: stored });
    return stored;
  }

  /** What the API server would refuse of it, and why. Nothing is changed. */
  refusals(what: Applicable): { readonly object: KubernetesObject; readonly error: StatusError }[] {
    const objects = objectsOf(what);
    const comes = (namespace: string) =>
      objects.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace);
    return objects.flatMap((object) => {
      try {
        const resource = this.resourceOf(object);
        const namespace = resource.namespaced ? (object.metadata.namespace ?? 'default') : undefined;
        if (namespace !== undefined && comes(namespace) && !this.client.tryGet('namespaces', undefined, namespace))
          return [];
        const placed = namespace === undefined ? object : inNamespace(object, namespace);
        const options = { force: true, fieldManager: MANAGER, dryRun: true };
        this.client.patch(resource.collection, namespace, object.metadata.name ?? '', 'apply', placed, options);
        return [];
      } catch (error) {
        if (error instanceof StatusError) return [{ object, error }];
        throw error;
      }
    });
  }

  /** A definition that was just applied takes a moment until its resource is served. */
  private resourceOf({ apiVersion, kind }: KubernetesObject): ServedResource {
    const { group, version } = parseApiVersion(apiVersion);
    const find = () => this.cluster.resources.tryFindByKind(group, version, kind);
    const found = find() ?? this.tryUntil(find);
    if (found === undefined) {
      throw new StatusError(404, 'NotFound', `no matches for kind "${kind}" in version "${apiVersion}"`);
    }
    return found;
  }

  /** A new namespace gets its service accounts from a controller, and a Pod is refused without. */
  private awaitServiceAccount({ metadata, spec }: KubernetesObject): void {
    const name = spec?.serviceAccountName ?? 'default';
    this.tryUntil(() => this.client.tryGet('serviceaccounts', metadata.namespace, name));
  }

  private tryUntil<T>(find: () => T | undefined): T | undefined {
    try {
      this.simulation.until(() => find() !== undefined, PREREQUISITE_LIMIT);
    } catch (error) {
      if (!(error instanceof SimulationTimeout)) throw error;
    }
    return find();
  }

  /** The loop that everything runs in. */
  get simulation(): Cluster['simulation'] {
    return this.cluster.simulation;
  }

  /** Virtual time, milliseconds since 1970. */
  get now(): number {
    return this.simulation.clock.now();
  }

  /** Lets time pass, with everything that happens in it. @param duration milliseconds, or text such as `2m` */
  advance(duration: number | string): void {
    this.simulation.advance(duration);
  }

  /** Lets everything happen that is under way, as long as it takes. @throws SimulationTimeout after an hour */
  settle(): void {
    this.simulation.settle();
  }

  /**
   * Lets time pass until the condition holds. @param within the most virtual time it may take. @default 10m
   * @throws SimulationTimeout when it does not hold by then
   */
  until(condition: () => boolean, within: number | string = '10m'): void {
    this.simulation.until(condition, within);
  }

  /**
   * Lets time pass until everything that was applied is ready, as `kubectl rollout status` and `kubectl wait` judge it, and still is two
   * seconds later: by then controllers have noticed what was just done, and Services have heard of their Pods.
   * @param within the most virtual time it may take. @default 10m
   * @throws SimulationTimeout that says of each object what it waits for
   */
  untilReady(within: number | string = '10m'): void {
    const end = this.now + durationMs(within);
    do {
      try {
        this.simulation.until(() => this.notReady().length === 0, Math.max(0, end - this.now));
      } catch (error) {
        if (!(error instanceof SimulationTimeout)) throw error;
        const lines = this.notReady().map((line) => `  ${line}`);
        throw new SimulationTimeout(`not ready within ${within} of virtual time:\n${lines.join('\n')}`);
      }
      this.advance(CATCH_UP_MS);
    } while (this.notReady().length > 0);
  }

  /** Of what was applied and is still there, each object that is not ready, and what it waits for. */
  notReady(): string[] {
    return [...this.applied.values()].flatMap(({ resource, object }) => {
      const { namespace, name } = object.metadata;
      const live = this.client.tryGet(resource.collection, namespace, name!);
      if (live === undefined) return [];
      const { status, message } = readinessIn(this.client, live);
      return status === 'Current' ? [] : [`${live.kind} ${name}: ${message}`];
    });
  }

  /**
   * @param kind as kubectl takes it: `Deployment`, `deployments`, `deploy`
   * @throws StatusError NotFound
   */
  get<K extends string>(kind: K, name: string, namespace = 'default'): ObjectOfKind<K> {
    const resource = this.find(kind);
    return this.seen(this.client.get(resource.collection, resource.namespaced ? namespace : undefined, name));
  }

  /** Undefined instead of NotFound. */
  tryGet<K extends string>(kind: K, name: string, namespace = 'default'): ObjectOfKind<K> | undefined {
    const resource = this.find(kind);
    const found = this.client.tryGet(resource.collection, resource.namespaced ? namespace : undefined, name);
    return found && this.seen(found);
  }

  /** Ordered by namespace and name. */
  list<K extends string>(kind: K, { namespace, labels }: ListFilter = {}): readonly ObjectOfKind<K>[] {
    const found = this.client.list(this.find(kind).collection, {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labelSelector: labels }),
    });
    return found.map((object) => this.seen<ObjectOfKind<K>>(object));
  }

  private seen<T extends KubernetesObject>(object: KubernetesObject): T {
    clusters.set(object, this);
    return object as T;
  }

  /** @throws StatusError NotFound */
  delete(kind: string, name: string, namespace = 'default', options?: DeleteOptions): void {
    const resource = this.find(kind);
    this.client.delete(resource.collection, resource.namespaced ? namespace : undefined, name, options);
  }

  /** `kubectl scale`. */
  scale(kind: string, name: string, replicas: number, namespace = 'default'): void {
    this.client.patch(this.find(kind).collection, namespace, name, 'merge', { spec: { replicas } });
  }

  /** What components reported, oldest first. */
  events(filter: EventFilter = {}): EventLine[] {
    return eventLines(this.client, filter);
  }

  /**
   * Sends an HTTP request from inside the cluster: names go through its DNS, Services to one of their ready Pods.
   * @param url `http://web`, `http://web.shop:8080/path`, or the address of a Pod or a node with its port
   * @throws Error that says how far the request got, when nobody answers
   */
  request(url: string, options: RequestOptions = {}): HttpResponse {
    const { response, failure } = this.front.request({ to: url, ...options });
    if (response === undefined) throw new Error(`${url}: ${failure?.message}`);
    return response;
  }

  /**
   * Sends requests steadily while virtual time passes: from outside through a load balancer, where `to` names one (its DNS
   * name, the host of an Ingress, or what a Service's annotation external-dns.alpha.kubernetes.io/hostname says), else from
   * inside the cluster as {@link request} does. The report says how many were answered, and where and why the others ended.
   * @example const traffic = cluster.traffic({ to: 'http://shop.example', perSecond: 50 });
   */
  traffic(options: TrafficOptions): Traffic {
    return startTraffic(this.front, this.simulation, options, this.cluster.store);
  }

  /** What the container of a Pod has written so far. */
  logs(pod: string, { namespace = 'default', ...options }: LogOptions & { readonly namespace?: string } = {}): string {
    return this.machines.access.logs(namespace, pod, options).text;
  }

  /**
   * Runs a command in a container, as `kubectl exec` does.
   * @example cluster.exec('web', ['cat', '/etc/hostname']).stdout
   */
  exec(pod: string, command: readonly string[], options: ExecOptions = {}): ExecResult {
    const { namespace = 'default', ...rest } = options;
    return this.machines.access.exec(namespace, pod, { ...rest, command });
  }

  /**
   * What can go wrong, as one-liners that strike at once; what they return ends them.
   * @example const outage = cluster.faults.loseZone('eu-central-1a'); ...; outage.end();
   */
  get faults(): Faults {
    return this.cluster.faults!;
  }

  /** Nodes to crash, restart and add; `machines.images` says how images behave. */
  get machines(): Kubelets {
    return this.cluster.kubelets!;
  }

  /** What autoscalers learn from outside: `metrics.setExternal('queue_depth', 90)`. */
  get metrics(): ApplicationMetrics {
    return this.machines.applicationMetrics;
  }

  private find(kind: string): ServedResource {
    return findResource(this.cluster.resources, kind);
  }
}

function objectsOf(what: Applicable): readonly KubernetesObject[] {
  if (typeof what === 'string') return readObjects(what, 'YAML').map(({ object }) => object);
  if (Array.isArray(what)) return what;
  return 'node' in what ? synthesize(what as IConstruct) : [what as KubernetesObject];
}

function inNamespace(object: KubernetesObject, namespace: string): KubernetesObject {
  return object.metadata.namespace === namespace ? object : { ...object, metadata: { ...object.metadata, namespace } };
}
