/**
 * Every node with its pods, kept up to date event by event: the scheduler never scans the cluster.
 *
 * Nodes are looked at in an order that takes the zones in turn, so that the first few hundred nodes of a large cluster
 * are a fair sample of it.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { NodeInfo } from './node-info';
import type { PodInfo } from './pod-info';

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';

/** Follows pods as they are put on nodes and taken off: aggregates that span nodes hang themselves in here. */
export interface PodListener {
  podAdded(pod: PodInfo, node: NodeInfo): void;
  podRemoved(pod: PodInfo, node: NodeInfo): void;
  /** Labels of nodes changed, or a node came or went. */
  nodesChanged?(): void;
}

/** Which pod is where. */
export interface Placement {
  readonly pod: PodInfo;
  readonly node: NodeInfo;
}

export class NodeCache {
  private readonly byName = new Map<string, NodeInfo>();
  /** Where each assigned pod is. */
  private readonly placed = new Map<string, Placement>();
  private readonly placedByNamespace = new Map<string, Map<string, Placement>>();
  private readonly domains = new Map<string, Map<string, number>>();
  private readonly listeners: PodListener[] = [];
  private readonly freeIndexes: number[] = [];
  private indexes = 0;
  private ordered: readonly NodeInfo[] | undefined;
  /** Pods that are promised a node which preemption is making room on, by node name. */
  readonly nominated = new Map<string, Map<string, PodInfo>>();
  /** How many nodes repel some pods; rules about taints are skipped while it is 0. */
  softTainted = 0;
  /** How many nodes hold each image. */
  readonly images = new Map<string, number>();

  /** All nodes, zones in turn. The array is never changed; a new one replaces it when nodes come and go. */
  get inOrder(): readonly NodeInfo[] {
    this.ordered ??= interleaveZones(this.byName.values());
    return this.ordered;
  }

  get count(): number {
    return this.inOrder.length;
  }

  /** Upper limit of `NodeInfo.index`, for arrays with one place per node. */
  get indexLimit(): number {
    return this.indexes;
  }

  tryGet(name: string): NodeInfo | undefined {
    const node = this.byName.get(name);
    return node?.object ? node : undefined;
  }

  addListener(listener: PodListener): void {
    this.listeners.push(listener);
    for (const { pod, node } of this.placed.values()) listener.podAdded(pod, node);
  }

  setNode(object: KubernetesObject): void {
    const node = this.nodeNamed(object.metadata.name!);
    const isNew = !node.object;
    const before = node.labels;
    this.countNode(node, -1);
    node.setNode(object);
    this.countNode(node, 1);
    if (isNew || (before !== node.labels && JSON.stringify(before) !== JSON.stringify(node.labels))) {
      if (isNew || before[ZONE] !== node.labels[ZONE] || before[REGION] !== node.labels[REGION])
        this.ordered = undefined;
      this.domains.clear();
      for (const listener of this.listeners) listener.nodesChanged?.();
    }
  }

  /** The node's pods stay known until they are deleted themselves. */
  deleteNode(name: string): void {
    const node = this.byName.get(name);
    if (!node?.object) return;
    this.countNode(node, -1);
    this.ordered = undefined;
    node.object = undefined as never;
    node.taints = [];
    node.imageSizes = undefined;
    this.dropIfUnused(node);
    this.domains.clear();
    for (const listener of this.listeners) listener.nodesChanged?.();
  }

  /** Puts a pod on a node; putting it again replaces what was known of it. */
  addPod(pod: PodInfo, nodeName: string): void {
    this.removePod(pod.key);
    const node = this.nodeNamed(nodeName);
    node.addPod(pod);
    const placement = { pod, node };
    this.placed.set(pod.key, placement);
    let neighbours = this.placedByNamespace.get(pod.namespace);
    if (!neighbours) {
      neighbours = new Map();
      this.placedByNamespace.set(pod.namespace, neighbours);
    }
    neighbours.set(pod.key, placement);
    for (const listener of this.listeners) listener.podAdded(pod, node);
  }

  removePod(key: string): PodInfo | undefined {
    const place = this.placed.get(key);
    if (!place) return undefined;
    this.placed.delete(key);
    const { pod, node } = place;
    const neighbours = this.placedByNamespace.get(pod.namespace)!;
    neighbours.delete(key);
    if (neighbours.size === 0) this.placedByNamespace.delete(pod.namespace);
    node.removePod(pod);
    for (const listener of this.listeners) listener.podRemoved(pod, node);
    this.dropIfUnused(node);
    return pod;
  }

  placeOf(key: string): Placement | undefined {
    return this.placed.get(key);
  }

  placedIn(namespace: string): Iterable<Placement> {
    return this.placedByNamespace.get(namespace)?.values() ?? [];
  }

  /** The values of a topology label, with the number of nodes that have each. */
  domainsOf(topologyKey: string): ReadonlyMap<string, number> {
    let values = this.domains.get(topologyKey);
    if (!values) {
      values = new Map();
      for (const { labels } of this.inOrder) {
        const value = labels[topologyKey];
        if (value !== undefined) values.set(value, (values.get(value) ?? 0) + 1);
      }
      this.domains.set(topologyKey, values);
    }
    return values;
  }

  nominate(pod: PodInfo, nodeName: string): void {
    this.forgetNomination(pod.key);
    const pods = this.nominated.get(nodeName) ?? new Map<string, PodInfo>();
    pods.set(pod.key, pod);
    this.nominated.set(nodeName, pods);
  }

  forgetNomination(key: string): void {
    if (this.nominated.size === 0) return;
    for (const [nodeName, pods] of this.nominated) {
      if (pods.delete(key) && pods.size === 0) this.nominated.delete(nodeName);
    }
  }

  private countNode(node: NodeInfo, sign: 1 | -1): void {
    if (node.taints.some((taint) => taint.effect === 'PreferNoSchedule')) this.softTainted += sign;
    for (const image of node.imageSizes?.keys() ?? []) {
      const holders = (this.images.get(image) ?? 0) + sign;
      if (holders > 0) this.images.set(image, holders);
      else this.images.delete(image);
    }
  }

  private nodeNamed(name: string): NodeInfo {
    let node = this.byName.get(name);
    if (!node) {
      node = new NodeInfo(name);
      node.index = this.freeIndexes.pop() ?? this.indexes++;
      this.byName.set(name, node);
    }
    return node;
  }

  private dropIfUnused(node: NodeInfo): void {
    if (node.object || node.pods.size > 0) return;
    this.byName.delete(node.name);
    this.freeIndexes.push(node.index);
  }
}

/** Example: zones a (1, 2, 3) and b (4): 1, 4, 2, 3. */
function interleaveZones(nodes: Iterable<NodeInfo>): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  for (const node of nodes) {
    if (!node.object) continue;
    const zone = `${node.labels[REGION] ?? ''}:${node.labels[ZONE] ?? ''}`;
    const members = zones.get(zone);
    if (members) members.push(node);
    else zones.set(zone, [node]);
  }
  const ordered: NodeInfo[] = [];
  for (let round = 0; zones.size > 0; round++) {
    for (const [zone, members] of zones) {
      const node = members[round];
      if (node) ordered.push(node);
      else zones.delete(zone);
    }
  }
  return ordered;
}
