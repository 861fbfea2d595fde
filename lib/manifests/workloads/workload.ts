/**
 * What all workloads have in common: they make Pods. `pod` says the Pod in few words, `spec` as the wire has it; the verbs below work
 * on both. A verb that changes the Pod gives the workload back; one that makes another object gives that object, a child of the
 * workload with the workload's name. https://kubernetes.io/docs/concepts/workloads/
 */
import type * as corev1 from '../../kubernetes/types/core-v1.generated';
import type { LabelSelector, ObjectMeta } from '../../kubernetes/types/meta-v1.generated';
import { UserError } from '../../kubernetes/user-error';
import { ApiObject } from '../api-object';
import { closest } from '../closest';
import { allowEgress, allowIngress, isWorkload, type Peer, type WirePort } from './connections';
import { type ContainerProps, containerOf } from './container';
import { asSidecar } from './pod-props';
import {
  type NeighbourOptions,
  type NodeLabels,
  preferNodes,
  relate,
  requireNodes,
  type SpreadOptions,
  spread,
  type Topology,
} from './scheduling';
import { type ExposeOptions, Service, servicePorts } from './service';
import { ServiceAccount } from './service-account';

type Labels = Readonly<Record<string, string>>;

export abstract class Workload<A extends string = string, K extends string = string> extends ApiObject<A, K> {
  /** Where the Pod's template stands; empty when the object is the Pod. */
  protected abstract readonly templatePath: readonly string[];
  private ownPod: corev1.PodSpec | undefined;
  private ownAccount: ServiceAccount | undefined;

  /** @internal */
  protected template(): { readonly metadata?: ObjectMeta; readonly spec?: corev1.PodSpec } {
    return this.templatePath.reduce<any>((value, step) => value?.[step], this.written) ?? {};
  }

  /** The Pod's spec, for changing: what the program wrote may be shared with other objects, so it is copied on the way down. */
  protected get pod(): corev1.PodSpec {
    if (this.ownPod !== undefined) return this.ownPod;
    let at = this.written as Record<string, any>;
    for (const step of [...this.templatePath, 'spec']) {
      at[step] = { ...at[step] };
      at = at[step];
    }
    if (at.volumes) at.volumes = [...at.volumes];
    this.ownPod = at as unknown as corev1.PodSpec;
    return this.ownPod;
  }

  /** What finds the Pods: the labels that the workload's own selector wants, or all labels of Pods that have none. */
  get podSelector(): LabelSelector {
    const { selector } = (this.written.spec ?? {}) as { selector?: LabelSelector };
    return selector ?? { matchLabels: { ...this.template().metadata?.labels } };
  }

  /** @internal what objects that belong to this one say of themselves: its namespace, if it says one itself */
  companionMetadata(): ObjectMeta {
    const { metadata } = this.written;
    return 'namespace' in metadata ? { namespace: metadata.namespace } : {};
  }

  /** Adds a container to the Pod. */
  container(name: string, props: ContainerProps): this {
    const { pod } = this;
    pod.containers = [...(pod.containers ?? []), containerOf(pod, name, props)];
    return this;
  }

  /** Adds a container that has to be done before the others start; they run in the order in which they are added. */
  initContainer(name: string, props: ContainerProps): this {
    const { pod } = this;
    pod.initContainers = [...(pod.initContainers ?? []), containerOf(pod, name, props)];
    return this;
  }

  /** Adds a container that runs beside the others, from before they start until after they have stopped. */
  sidecar(name: string, props: ContainerProps): this {
    const { pod } = this;
    pod.initContainers = [...(pod.initContainers ?? []), asSidecar(containerOf(pod, name, props))];
    return this;
  }

  /**
   * Keeps the Pods of this workload evenly over places.
   * @example web.spreadOver('zone').spreadOver('node', { whenUnsatisfiable: 'ScheduleAnyway' });
   */
  spreadOver(topology: Topology, options: SpreadOptions = {}): this {
    spread(this.pod, this.podSelector, topology, options);
    return this;
  }

  /** Only nodes with these labels. @example web.onNodes({ 'kubernetes.io/arch': ['amd64', 'arm64'] }); */
  onNodes(labels: NodeLabels): this {
    requireNodes(this.pod, labels);
    return this;
  }

  /** Rather nodes with these labels. @param weight 1 to 100 */
  preferNodes(labels: NodeLabels, weight = 100): this {
    preferNodes(this.pod, labels, weight);
    return this;
  }

  /** May run on nodes with these taints. @example web.tolerate({ key: 'nvidia.com/gpu', operator: 'Exists' }); */
  tolerate(...tolerations: readonly corev1.Toleration[]): this {
    this.pod.tolerations = [...(this.pod.tolerations ?? []), ...tolerations];
    return this;
  }

  /** On the same node (or in the same zone) as Pods of that workload. */
  near(other: Workload, topology: Topology = 'node', options: NeighbourOptions = {}): this {
    relate(this.pod, 'podAffinity', this.neighbours(other), topology, options);
    return this;
  }

  /** Never on one node (or in one zone) with Pods of that workload, which may be this one. */
  awayFrom(other: Workload, topology: Topology = 'node', options: NeighbourOptions = {}): this {
    relate(this.pod, 'podAntiAffinity', this.neighbours(other), topology, options);
    return this;
  }

  private neighbours(other: Workload) {
    const { podSelector: labelSelector, namespace } = other;
    return namespace === this.namespace || namespace === undefined
      ? { labelSelector }
      : { labelSelector, namespaces: [namespace] };
  }

  /** Runs the Pods as this account. */
  runAs(account: ServiceAccount): this {
    this.ownAccount = account;
    this.pod.serviceAccountName = account.name;
    return this;
  }

  /**
   * The Pods' own account, made at the first use with the workload's name.
   * @example web.account.allowRead('configmaps');
   */
  get account(): ServiceAccount {
    const named = this.template().spec?.serviceAccountName;
    if (this.ownAccount === undefined && named !== undefined) {
      throw new UserError(
        'AccountElsewhere',
        `${this.kind} "${this.name}" runs as "${named}", which it knows by name only`,
        `Grant to that ServiceAccount, or make it known: .runAs(account).`,
      );
    }
    if (this.ownAccount === undefined) {
      this.runAs(new ServiceAccount(this, this.name, { metadata: this.companionMetadata() }));
    }
    return this.ownAccount!;
  }

  /** @internal the declared ports of the containers */
  get containerPorts(): readonly corev1.ContainerPort[] {
    return (this.template().spec?.containers ?? []).flatMap(({ ports }) => ports ?? []);
  }

  /** @internal ports by name or number, as a policy wants them; all declared ones when none are named */
  portNumbers(wanted: readonly (string | number)[]): WirePort[] {
    const declared = this.containerPorts;
    const wire = ({ containerPort, protocol }: corev1.ContainerPort): WirePort =>
      protocol === undefined ? { port: containerPort } : { port: containerPort, protocol };
    if (wanted.length === 0) return declared.map(wire);
    return wanted.map((port) => {
      const found = declared.find(({ name, containerPort }) => port === name || port === containerPort);
      if (found !== undefined) return wire(found);
      if (typeof port === 'number') return { port };
      throw noSuchPort(this, port, declared);
    });
  }

  /**
   * A Service before the Pods, with the ports of their containers.
   * @example web.expose({ port: 80 }).url; // http://web.shop.svc:80
   * @throws UserError when no container declares a port, or not the one that is asked for
   */
  expose(options: ExposeOptions = {}): Service {
    const { name = this.name, port, ports, headless, metadata, ...spec } = options;
    const matchLabels = this.podSelector.matchLabels ?? this.template().metadata?.labels ?? {};
    return new Service(this, name, {
      metadata: { ...this.companionMetadata(), ...metadata },
      spec: {
        ...(headless ? { clusterIP: 'None' } : {}),
        ...spec,
        selector: { ...matchLabels },
        ports: servicePorts(`${this.kind} "${this.name}"`, this.containerPorts, { port, ports }),
      },
    });
  }

  /**
   * Declares that the Pods of this workload open connections there; what is not declared is then cut off, on both sides.
   * @param ports of a workload by name or number; all that it declares when left out
   * @example web.connectTo(api, 'http'); web.connectTo('10.0.0.0/16', 5432); web.connectTo('anywhere', 443);
   */
  connectTo(peer: Peer, ...ports: readonly (string | number)[]): this {
    allowEgress(this, peer, ports);
    if (isWorkload(peer)) allowIngress(peer, this, ports);
    return this;
  }

  /** Declares who else opens connections to these Pods, e.g. a load balancer: `web.acceptFrom('anywhere', 'http')`. */
  acceptFrom(peer: Peer, ...ports: readonly (string | number)[]): this {
    allowIngress(this, peer, ports);
    return this;
  }
}

function noSuchPort(workload: Workload, port: string, declared: readonly corev1.ContainerPort[]): UserError {
  const names = declared.flatMap(({ name }) => name ?? []);
  const instead = closest(port, names);
  return new UserError(
    'NoSuchPort',
    `no container of ${workload.kind} "${workload.name}" has a port "${port}"`,
    instead === undefined ? `It has ${names.join(', ') || 'no named ports'}.` : `Did you mean "${instead}"?`,
  );
}

/** Labels that tie a workload to its Pods unless the program says others: one, from the object's name, so that it can never move by itself. */
export const ownLabels = (name: string, metadata: ObjectMeta | undefined, said: Labels | undefined): Labels =>
  said ?? { app: metadata?.name ?? name };
