/**
 * A pod as the scheduler sees it: what matters for placement, read once from its spec.
 * https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { integerValue, milliValue, parseQuantity } from '../../../kubernetes/quantity';
import { type AffinityTerm, parsePodAffinity } from './affinity-terms';

/** Amounts in base units: CPU in thousandths of a core, everything else in bytes or pieces. */
export interface Resources {
  readonly milliCpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  /** Extended resources and huge pages, e.g. `nvidia.com/gpu`. */
  readonly scalars?: ReadonlyMap<string, number>;
}

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

export interface PodInfo {
  readonly key: string;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly priority: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly isTerminating: boolean;
  readonly requests: Resources;
  /** What the pod counts in scores: a container without a request counts as 100m and 200 MiB. */
  readonly scoreCpu: number;
  readonly scoreMemory: number;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
  /** The object this was read from. */
  readonly object: KubernetesObject;
}

const DEFAULT_SCORE_MILLI_CPU = 100;
const DEFAULT_SCORE_MEMORY = 200 * 1024 * 1024;
const NONE: readonly never[] = [];
const NO_LABELS = {};

interface Demand {
  readonly requests: Resources;
  readonly scoreCpu: number;
  readonly scoreMemory: number;
  readonly hostPorts: readonly HostPort[];
}

/** Pods of one template often share their list of containers; then its requests are added up once. */
const demands = new WeakMap<object, Demand>();

export function readPod(object: KubernetesObject): PodInfo {
  const { metadata, spec } = object;
  const simple = !spec.initContainers && !spec.overhead && !spec.resources;
  let demand = simple ? demands.get(spec.containers) : undefined;
  if (!demand) {
    demand = demandOf(spec);
    if (simple) demands.set(spec.containers, demand);
  }
  const namespace = metadata.namespace!;
  const affinity = spec.affinity;
  const info = {
    key: `${namespace}/${metadata.name}`,
    uid: metadata.uid!,
    namespace,
    name: metadata.name!,
    priority: spec.priority ?? 0,
    labels: metadata.labels ?? NO_LABELS,
    isTerminating: metadata.deletionTimestamp !== undefined,
    requests: demand.requests,
    scoreCpu: demand.scoreCpu,
    scoreMemory: demand.scoreMemory,
    hostPorts: demand.hostPorts,
    affinity: NONE as readonly AffinityTerm[],
    antiAffinity: NONE as readonly AffinityTerm[],
    preferredAffinity: NONE as readonly AffinityTerm[],
    preferredAntiAffinity: NONE as readonly AffinityTerm[],
    object,
  };
  if (affinity?.podAffinity || affinity?.podAntiAffinity) Object.assign(info, parsePodAffinity(object));
  return info;
}

export function isBestEffort(pod: PodInfo): boolean {
  return pod.requests.milliCpu === 0 && pod.requests.memory === 0;
}

/**
 * The request of a pod: its containers run together, its init containers one after the other before them. A sidecar (an
 * init container that restarts always) runs from its start on.
 * Example: init 500m, sidecar 100m, init 300m, containers 200m + 100m: the steps need 500m, 100m, 100m + 300m and, in the
 * end, 100m + 300m, so the pod requests 500m.
 */
function demandOf(spec: any): Demand {
  const request = (name: string) => amountOf(spec, name, () => 0);
  const names = new Set<string>();
  const hostPorts: HostPort[] = [];
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
    for (const name of Object.keys(container.resources?.requests ?? {})) names.add(name);
    for (const port of container.ports ?? []) {
      if (!port.hostPort) continue;
      hostPorts.push({ ip: port.hostIP || '0.0.0.0', protocol: port.protocol ?? 'TCP', port: port.hostPort });
    }
  }
  for (const name of Object.keys(spec.overhead ?? {})) names.add(name);
  const scalars = [...names].filter((name) => name !== 'cpu' && name !== 'memory' && name !== 'ephemeral-storage');
  return {
    requests: {
      milliCpu: request('cpu'),
      memory: request('memory'),
      ephemeralStorage: request('ephemeral-storage'),
      ...(scalars.length > 0 ? { scalars: new Map(scalars.map((name) => [name, request(name)])) } : {}),
    },
    scoreCpu: amountOf(spec, 'cpu', () => DEFAULT_SCORE_MILLI_CPU),
    scoreMemory: amountOf(spec, 'memory', () => DEFAULT_SCORE_MEMORY),
    hostPorts,
  };
}

function amountOf(spec: any, name: string, missing: () => number): number {
  const overhead = read(spec.overhead?.[name], name) ?? 0;
  const podLevel = read(spec.resources?.requests?.[name], name);
  if (podLevel !== undefined) return podLevel + overhead;
  const of = (container: any) => read(container.resources?.requests?.[name], name) ?? missing();
  let sidecars = 0;
  let highestStep = 0;
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      sidecars += of(container);
      highestStep = Math.max(highestStep, sidecars);
    } else {
      highestStep = Math.max(highestStep, sidecars + of(container));
    }
  }
  let together = sidecars;
  for (const container of spec.containers) together += of(container);
  return Math.max(together, highestStep) + overhead;
}

function read(quantity: unknown, name: string): number | undefined {
  if (quantity === undefined) return undefined;
  return readResource(name, quantity);
}

/** CPU in thousandths of a core, everything else in whole units, both rounded up. */
export function readResource(name: string, quantity: unknown): number {
  const parsed = parseQuantity(quantity as string);
  return name === 'cpu' ? milliValue(parsed) : integerValue(parsed);
}
