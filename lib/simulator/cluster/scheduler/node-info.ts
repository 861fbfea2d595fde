/**
 * A node as the scheduler sees it: what it offers, what its pods have claimed, and the few groups of its pods that rules
 * ask for. Every number is kept up to date as pods come and go; nothing is ever added up again.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { type PodInfo, type Resources, readResource } from './pod-info';

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

const NO_LABELS: Readonly<Record<string, string>> = {};
const NO_TAINTS: readonly Taint[] = [];

export class NodeInfo {
  /** Its place in the arrays that plugins keep per node. Given again to another node after this one is gone. */
  index = -1;
  object!: KubernetesObject;
  labels = NO_LABELS;
  taints = NO_TAINTS;
  unschedulable = false;
  // What the node offers to pods.
  milliCpu = 0;
  memory = 0;
  ephemeralStorage = 0;
  podLimit = 0;
  scalars: Map<string, number> | undefined;
  // What its pods have requested.
  requestedCpu = 0;
  requestedMemory = 0;
  requestedEphemeralStorage = 0;
  requestedScalars: Map<string, number> | undefined;
  /** As `requested`, where a container without a request counts as 100m and 200 MiB. */
  scoreCpu = 0;
  scoreMemory = 0;
  readonly pods = new Map<string, PodInfo>();
  /** `TCP/8080` -> host addresses in use. */
  usedPorts: Map<string, string[]> | undefined;
  /** Bytes of each image that the node already holds. */
  imageSizes: Map<string, number> | undefined;

  constructor(readonly name: string) {}

  /** Takes over what the Node object says. */
  setNode(object: KubernetesObject): void {
    this.object = object;
    const allocatable: Record<string, string> = object.status?.allocatable ?? object.status?.capacity ?? {};
    this.labels = object.metadata.labels ?? NO_LABELS;
    this.taints = object.spec?.taints ?? NO_TAINTS;
    this.unschedulable = object.spec?.unschedulable === true;
    this.milliCpu = 0;
    this.memory = 0;
    this.ephemeralStorage = 0;
    this.podLimit = 0;
    this.scalars = undefined;
    for (const [name, quantity] of Object.entries(allocatable)) {
      const amount = readResource(name, quantity);
      if (name === 'cpu') this.milliCpu = amount;
      else if (name === 'memory') this.memory = amount;
      else if (name === 'ephemeral-storage') this.ephemeralStorage = amount;
      else if (name === 'pods') this.podLimit = amount;
      else {
        this.scalars ??= new Map();
        this.scalars.set(name, amount);
      }
    }
    this.imageSizes = readImages(object.status?.images);
  }

  addPod(pod: PodInfo): void {
    this.pods.set(pod.key, pod);
    this.account(pod.requests, pod, 1);
    for (const { ip, protocol, port } of pod.hostPorts) {
      this.usedPorts ??= new Map();
      const key = `${protocol}/${port}`;
      this.usedPorts.set(key, [...(this.usedPorts.get(key) ?? []), ip]);
    }
  }

  removePod(pod: PodInfo): void {
    if (!this.pods.delete(pod.key)) return;
    this.account(pod.requests, pod, -1);
    for (const { ip, protocol, port } of pod.hostPorts) {
      const used = this.usedPorts?.get(`${protocol}/${port}`);
      if (used?.includes(ip)) used.splice(used.indexOf(ip), 1);
    }
  }

  private account(requests: Resources, pod: PodInfo, sign: 1 | -1): void {
    this.requestedCpu += sign * requests.milliCpu;
    this.requestedMemory += sign * requests.memory;
    this.requestedEphemeralStorage += sign * requests.ephemeralStorage;
    this.scoreCpu += sign * pod.scoreCpu;
    this.scoreMemory += sign * pod.scoreMemory;
    if (!requests.scalars) return;
    this.requestedScalars ??= new Map();
    for (const [name, amount] of requests.scalars) {
      this.requestedScalars.set(name, (this.requestedScalars.get(name) ?? 0) + sign * amount);
    }
  }
}

function readImages(images: any[] | undefined): Map<string, number> | undefined {
  if (!images || images.length === 0) return undefined;
  const sizes = new Map<string, number>();
  for (const { names, sizeBytes } of images) {
    for (const name of names ?? []) sizes.set(name, sizeBytes ?? 0);
  }
  return sizes;
}
