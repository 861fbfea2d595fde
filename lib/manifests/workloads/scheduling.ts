/**
 * Where Pods may go, in the terms of the scheduler; each call adds one wish to the Pod's spec.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
import type * as corev1 from '../../kubernetes/types/core-v1.generated';
import type { LabelSelector } from '../../kubernetes/types/meta-v1.generated';

/** What a Pod shares with its neighbours: a machine, a zone, a region, or the value of any other label of nodes. */
export type Topology = 'node' | 'zone' | 'region' | (string & {});

const TOPOLOGY_LABELS: Readonly<Record<string, string>> = {
  node: 'kubernetes.io/hostname',
  zone: 'topology.kubernetes.io/zone',
  region: 'topology.kubernetes.io/region',
};

const labelOf = (topology: Topology): string => TOPOLOGY_LABELS[topology] ?? topology;

export interface SpreadOptions
  extends Omit<corev1.TopologySpreadConstraint, 'topologyKey' | 'labelSelector' | 'maxSkew' | 'whenUnsatisfiable'> {
  /** How many more Pods one place may have than another. @default 1 */
  readonly maxSkew?: number;
  /** @default DoNotSchedule: a Pod that would break the rule waits */
  readonly whenUnsatisfiable?: 'DoNotSchedule' | 'ScheduleAnyway';
}

export function spread(
  pod: corev1.PodSpec,
  labelSelector: LabelSelector,
  topology: Topology,
  options: SpreadOptions,
): void {
  const { maxSkew = 1, whenUnsatisfiable = 'DoNotSchedule', ...rest } = options;
  const constraint = { maxSkew, topologyKey: labelOf(topology), whenUnsatisfiable, labelSelector, ...rest };
  pod.topologySpreadConstraints = [...(pod.topologySpreadConstraints ?? []), constraint];
}

/** Values that a label of a node may have; one value, or several of which one will do. */
export type NodeLabels = Readonly<Record<string, string | readonly string[]>>;

/** One value is a nodeSelector, which people can read; several need an affinity. */
export function requireNodes(pod: corev1.PodSpec, labels: NodeLabels): void {
  const single = Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (single.length > 0) pod.nodeSelector = { ...pod.nodeSelector, ...Object.fromEntries(single) };
  const several = requirements(Object.entries(labels).filter(([, values]) => typeof values !== 'string'));
  if (several.length === 0) return;
  const affinity = pod.affinity?.nodeAffinity;
  const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution;
  // Terms are alternatives: what is required besides must stand in every one of them.
  const terms = required?.nodeSelectorTerms ?? [{}];
  const nodeSelectorTerms = terms.map(({ matchExpressions = [], ...term }) => {
    return { ...term, matchExpressions: [...matchExpressions, ...several] };
  });
  pod.affinity = {
    ...pod.affinity,
    nodeAffinity: { ...affinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  };
}

/** @param weight 1 to 100 */
export function preferNodes(pod: corev1.PodSpec, labels: NodeLabels, weight: number): void {
  const affinity = pod.affinity?.nodeAffinity;
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const term = { weight, preference: { matchExpressions: requirements(Object.entries(labels)) } };
  pod.affinity = {
    ...pod.affinity,
    nodeAffinity: { ...affinity, preferredDuringSchedulingIgnoredDuringExecution: [...preferred, term] },
  };
}

const requirements = (labels: readonly (readonly [string, string | readonly string[]])[]) =>
  labels.map(([key, values]) => {
    return { key, operator: 'In' as const, values: typeof values === 'string' ? [values] : [...values] };
  });

export interface NeighbourOptions {
  /** How much it is wished, 1 to 100; without it, it is a condition. */
  readonly weight?: number;
}

/** Pods that share a place, or do not. */
export function relate(
  pod: corev1.PodSpec,
  how: 'podAffinity' | 'podAntiAffinity',
  others: Omit<corev1.PodAffinityTerm, 'topologyKey'>,
  topology: Topology,
  { weight }: NeighbourOptions,
): void {
  const term = { ...others, topologyKey: labelOf(topology) };
  const { requiredDuringSchedulingIgnoredDuringExecution: required = [], ...rest } = pod.affinity?.[how] ?? {};
  const preferred = rest.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const grown =
    weight === undefined
      ? { ...rest, requiredDuringSchedulingIgnoredDuringExecution: [...required, term] }
      : {
          ...(required.length > 0 ? { requiredDuringSchedulingIgnoredDuringExecution: required } : {}),
          preferredDuringSchedulingIgnoredDuringExecution: [...preferred, { weight, podAffinityTerm: term }],
        };
  pod.affinity = { ...pod.affinity, [how]: grown };
}
