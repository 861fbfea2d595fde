/** Nodes: the machines. https://kubernetes.io/docs/concepts/architecture/nodes/ */
import type { KubernetesObject } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';
import { roundToMilli } from './pod/defaults';

const ROLE_PREFIX = 'node-role.kubernetes.io/';

export const node = defineKind({
  apiVersion: 'v1',
  kind: 'Node',
  resource: 'nodes',
  namespaced: false,
  defaults: ({ status }) => {
    if (!status) return;
    roundToMilli(status.capacity);
    roundToMilli(status.allocatable);
    // What is there is what can be used, unless the node says less.
    if (!status.allocatable && status.capacity) status.allocatable = { ...status.capacity };
  },
  status: { keptOnCreate: true },
  selectableFields: { 'spec.unschedulable': (object) => String(object.spec?.unschedulable ?? false) },
  cells: (object, context) => {
    const info = object.status?.nodeInfo ?? {};
    return [
      object.metadata.name!,
      readiness(object),
      roles(object),
      age(object, context),
      info.kubeletVersion ?? '',
      address(object, 'InternalIP'),
      address(object, 'ExternalIP'),
      info.osImage || '<unknown>',
      info.kernelVersion || '<unknown>',
      info.containerRuntimeVersion || '<unknown>',
    ];
  },
});

/** `Ready`, `NotReady,SchedulingDisabled`, `Unknown`. */
function readiness({ spec, status }: KubernetesObject): string {
  const ready = (status?.conditions ?? []).find((condition: any) => condition.type === 'Ready');
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec?.unschedulable ? `${word},SchedulingDisabled` : word;
}

function roles({ metadata }: KubernetesObject): string {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key !== ROLE_PREFIX) found.add(key.slice(ROLE_PREFIX.length));
    else if (key === 'kubernetes.io/role' && value !== '') found.add(value);
  }
  return found.size === 0 ? '<none>' : [...found].sort().join(',');
}

function address({ status }: KubernetesObject, type: string): string {
  return (status?.addresses ?? []).find((found: any) => found.type === type)?.address ?? '<none>';
}
