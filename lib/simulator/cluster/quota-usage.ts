/**
 * What one object uses of a ResourceQuota: shared by the controller that adds it up and the admission that refuses too much.
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
import { qosClassOf } from '../../kubernetes/kinds/pod/quality-of-service';
import type { KubernetesObject } from '../../kubernetes/object';
import { addQuantities, compareQuantities, parseQuantity, type Quantity } from '../../kubernetes/quantity';
import type { ResourceName } from './client';

/** Resource name of a quota (`requests.cpu`, `pods`, `count/jobs.batch`) -> quantity. */
export type Usage = Readonly<Record<string, Quantity>>;

const ONE = parseQuantity('1');
/** Objects that had a name in quotas before `count/<resource>.<group>` came. */
const COUNTED = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];

/** @param collection where the object lies, e.g. `pods`, `jobs.batch` */
export function usageOf(collection: ResourceName, object: KubernetesObject): Usage {
  const usage: Record<string, Quantity> = { [`count/${collection}`]: ONE };
  // Pods that ended still count as objects, but use nothing.
  if (collection === 'pods') return { ...usage, ...(isOver(object) ? {} : podUsage(object)) };
  if (COUNTED.has(collection)) usage[collection] = ONE;
  if (collection === 'services') Object.assign(usage, serviceUsage(object));
  if (collection === 'persistentvolumeclaims') Object.assign(usage, claimUsage(object));
  return usage;
}

const isOver = ({ status }: KubernetesObject) => status?.phase === 'Succeeded' || status?.phase === 'Failed';

function podUsage({ spec }: KubernetesObject): Usage {
  const usage: Record<string, Quantity> = { pods: ONE };
  for (const [name, quantity] of Object.entries(podResources(spec, 'requests'))) {
    usage[`requests.${name}`] = quantity;
    if (COMPUTE.includes(name) || name.startsWith('hugepages-')) usage[name] = quantity;
  }
  for (const [name, quantity] of Object.entries(podResources(spec, 'limits'))) {
    if (COMPUTE.includes(name)) usage[`limits.${name}`] = quantity;
  }
  return usage;
}

/**
 * All containers together, or the largest init container if that needs more; or what the pod says for itself; and the overhead
 * of the runtime.
 */
export function podResources(spec: any, kind: 'requests' | 'limits'): Usage {
  const of = (container: any) => parsed(container.resources?.[kind]);
  let sidecars: Usage = {};
  let peak: Usage = {};
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') sidecars = merge(sidecars, of(container), addQuantities);
    else peak = merge(peak, merge(sidecars, of(container), addQuantities), larger);
  }
  const running = spec.containers
    .map(of)
    .reduce((sum: Usage, each: Usage) => merge(sum, each, addQuantities), sidecars);
  const ofPod = { ...merge(running, peak, larger), ...parsed(spec.resources?.[kind]) };
  return merge(ofPod, parsed(spec.overhead), addQuantities);
}

function parsed(quantities: Record<string, string> | undefined): Usage {
  return Object.fromEntries(Object.entries(quantities ?? {}).map(([name, text]) => [name, parseQuantity(text)]));
}

const larger = (a: Quantity, b: Quantity) => (compareQuantities(a, b) >= 0 ? a : b);

function merge(a: Usage, b: Usage, join: (a: Quantity, b: Quantity) => Quantity): Usage {
  const out: Record<string, Quantity> = { ...a };
  for (const [name, quantity] of Object.entries(b)) out[name] = out[name] ? join(out[name], quantity) : quantity;
  return out;
}

export const addUsage = (a: Usage, b: Usage): Usage => merge(a, b, addQuantities);

function serviceUsage({ spec }: KubernetesObject): Usage {
  const ports = parseQuantity(String(spec.ports?.length ?? 0));
  if (spec.type === 'NodePort') return { 'services.nodeports': ports };
  if (spec.type !== 'LoadBalancer') return {};
  const nodePorts: Usage = spec.allocateLoadBalancerNodePorts === false ? {} : { 'services.nodeports': ports };
  return { 'services.loadbalancers': ONE, ...nodePorts };
}

function claimUsage({ spec }: KubernetesObject): Usage {
  const storage = parseQuantity(spec.resources?.requests?.storage ?? '0');
  const name = spec.storageClassName;
  const ofClass = name && {
    [`${name}.storageclass.storage.k8s.io/requests.storage`]: storage,
    [`${name}.storageclass.storage.k8s.io/persistentvolumeclaims`]: ONE,
  };
  return { 'requests.storage': storage, ...ofClass };
}

/** Whether a pod is in the scopes of a quota; other objects are in every quota without scopes. */
export function inScopes({ spec }: KubernetesObject, collection: ResourceName, object: KubernetesObject): boolean {
  const plain = (spec.scopes ?? []).map((scopeName: string) => ({ scopeName, operator: 'Exists' }));
  const scopes: readonly any[] = [...plain, ...(spec.scopeSelector?.matchExpressions ?? [])];
  if (scopes.length === 0) return true;
  return collection === 'pods' && scopes.every((scope) => inScope(object, scope));
}

function inScope({ spec }: KubernetesObject, { scopeName, operator, values = [] }: any): boolean {
  switch (scopeName) {
    case 'Terminating':
      return (spec.activeDeadlineSeconds ?? -1) >= 0;
    case 'NotTerminating':
      return (spec.activeDeadlineSeconds ?? -1) < 0;
    case 'BestEffort':
      return qosClassOf(spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(spec) !== 'BestEffort';
    case 'PriorityClass': {
      const name = spec.priorityClassName;
      if (operator === 'Exists') return Boolean(name);
      if (operator === 'DoesNotExist') return !name;
      return values.includes(name ?? '') === (operator === 'In');
    }
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec.affinity?.podAffinity) || crossesNamespaces(spec.affinity?.podAntiAffinity);
    default:
      return false;
  }
}

function crossesNamespaces(affinity: any): boolean {
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const terms = [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...preferred.map(({ podAffinityTerm }: any) => podAffinityTerm),
  ];
  return terms.some(({ namespaces, namespaceSelector }) => namespaces?.length > 0 || namespaceSelector);
}
