/**
 * Where a DaemonSet wants a pod, and how its pods are tied to their nodes: the controller chooses the node, the scheduler
 * only checks that there is room.
 * https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#how-daemon-pods-are-scheduled
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { matchesLabels } from '../../../kubernetes/selectors';
import { compileNodeSelectorTerms } from '../scheduler/node-selector';
import { type Toleration, tolerates } from '../scheduler/tolerations';

const tolerateAlways = (key: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect,
});

/** A node in trouble keeps its daemons: they may be what helps it. */
const TOLERATIONS: readonly Toleration[] = [
  tolerateAlways('not-ready', 'NoExecute'),
  tolerateAlways('unreachable', 'NoExecute'),
  tolerateAlways('disk-pressure', 'NoSchedule'),
  tolerateAlways('memory-pressure', 'NoSchedule'),
  tolerateAlways('pid-pressure', 'NoSchedule'),
  tolerateAlways('unschedulable', 'NoSchedule'),
];
const HOST_NETWORK = tolerateAlways('network-unavailable', 'NoSchedule');

export function daemonTolerations(spec: Record<string, any>): readonly Toleration[] {
  const given: readonly Toleration[] = spec.tolerations ?? [];
  const added = spec.hostNetwork ? [...TOLERATIONS, HOST_NETWORK] : TOLERATIONS;
  const isSame = (a: Toleration, b: Toleration) =>
    a.key === b.key && a.effect === b.effect && a.operator === b.operator && (a.value ?? '') === (b.value ?? '');
  return [...given.filter((own) => !added.some((each) => isSame(own, each))), ...added];
}

/** The pod spec of the daemon on one node. */
export function daemonPodSpec(spec: Record<string, any>, nodeName: string): Record<string, unknown> {
  const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }];
  const { nodeAffinity, ...affinity } = spec.affinity ?? {};
  return {
    ...spec,
    affinity: {
      ...affinity,
      nodeAffinity: { ...nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
    },
    tolerations: daemonTolerations(spec),
  };
}

/** The node that a daemon pod runs on or was made for. */
export function targetNode({ spec }: KubernetesObject): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    for (const { key, values } of matchFields) if (key === 'metadata.name') return values?.[0];
  }
  return undefined;
}

export interface DaemonFit {
  /** A pod should be started here. */
  readonly run: boolean;
  /** A pod that is here may stay. */
  readonly stay: boolean;
}

/** Makes the question ready to be asked of every node. */
export function daemonFit(spec: Record<string, any>): (node: KubernetesObject) => DaemonFit {
  const tolerations = daemonTolerations(spec);
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const matches = required && compileNodeSelectorTerms(required.nodeSelectorTerms ?? []);
  const selector = spec.nodeSelector ?? {};
  return (node) => {
    const { name, labels = {} } = node.metadata;
    if (spec.nodeName && spec.nodeName !== name) return NOWHERE;
    if (!matchesLabels(selector, labels) || (matches && !matches(labels, name!))) return NOWHERE;
    let run = true;
    for (const taint of node.spec?.taints ?? []) {
      if (tolerations.some((toleration) => tolerates(toleration, taint))) continue;
      if (taint.effect === 'NoExecute') return NOWHERE;
      if (taint.effect === 'NoSchedule') run = false;
    }
    return run ? EVERYTHING : STAY;
  };
}

const NOWHERE: DaemonFit = { run: false, stay: false };
const STAY: DaemonFit = { run: false, stay: true };
const EVERYTHING: DaemonFit = { run: true, stay: true };
