/**
 * ResourceQuota: a namespace may hold, and ask for, only so much. What is asked for is added to `status.used` at once; the
 * controller corrects it later.
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/
 *
 * An update is charged with what the object uses more than before: a claim that grows, a Service that becomes a LoadBalancer,
 * a Pod that is resized. Left out: quotas that limit what a scope may use by configuration.
 */
import type { KubernetesObject } from '../../../../kubernetes/object';
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  subtractQuantities,
} from '../../../../kubernetes/quantity';
import { forbidden } from '../../../../kubernetes/status-error';
import { inScopes, type Usage, usageOf } from '../../quota-usage';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from './admission';

const COMPUTE = /^((requests|limits)\.)?(cpu|memory)$/;
/** Objects that can use more after an update; all others only count. */
const GROWING = new Set(['persistentvolumeclaims', 'services']);
const NOTHING = parseQuantity('0');

export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  handles: ['CREATE', 'UPDATE'],
  validate(attributes, context) {
    const { resource, namespace, object } = attributes;
    if (!resource.namespaced || context.store.count('resourcequotas', namespace) === 0 || !isCharged(attributes))
      return;
    const quotas = context.store
      .sorted('resourcequotas', namespace)
      .filter((quota) => quota.status?.hard && inScopes(quota, resource.collection, object as any));
    const usage = addedUsage(attributes);
    const interesting = quotas.map((quota) => [quota, asked(quota, usage)] as const);
    for (const [quota, names] of interesting) {
      requireStatus(attributes, quota, Object.keys(names));
      if (resource.collection === 'pods') requireAmounts(attributes, quota);
    }
    const charged = interesting.filter(([, names]) => Object.keys(names).length > 0);
    for (const [quota, names] of charged) checkRoom(attributes, quota, Object.entries(names));
    if (!attributes.dryRun) for (const [quota, names] of charged) charge(context, quota, names);
  },
};

function isCharged({ operation, resource, subresource }: AdmissionAttributes): boolean {
  if (operation === 'CREATE') return subresource === '';
  if (resource.collection === 'pods') return subresource === 'resize';
  return subresource === '' && GROWING.has(resource.collection);
}

/** What the object uses more than before, by the names of quotas; nothing that stays the same. */
function addedUsage({ resource, object, oldObject }: AdmissionAttributes): Usage {
  const next = usageOf(resource.collection, object as any);
  if (!oldObject) return next;
  const before = usageOf(resource.collection, oldObject);
  const added: Record<string, Quantity> = {};
  for (const name of new Set([...Object.keys(next), ...Object.keys(before)])) {
    const difference = subtractQuantities(next[name] ?? NOTHING, before[name] ?? NOTHING);
    const sign = compareQuantities(difference, NOTHING);
    // A Pod that gets smaller uses what it had until its kubelet has taken it away.
    if (sign > 0 || (sign < 0 && resource.collection !== 'pods')) added[name] = difference;
  }
  return added;
}

const asked = ({ status }: KubernetesObject, usage: Usage): Usage =>
  Object.fromEntries(Object.entries(usage).filter(([name]) => status.hard[name] !== undefined));

/** A quota that nobody has counted yet admits nothing. */
function requireStatus({ resource, object }: AdmissionAttributes, quota: KubernetesObject, names: string[]): void {
  if (names.every((name) => quota.status.used?.[name] !== undefined)) return;
  const cause = `status unknown for quota: ${quota.metadata.name}, resources: ${names.sort().join(',')}`;
  throw forbidden(resource, object!.metadata.name ?? '', cause);
}

/** Where a quota counts cpu or memory, every container, or the pod as a whole, has to say how much it takes. */
function requireAmounts({ resource, object }: AdmissionAttributes, quota: KubernetesObject): void {
  const { containers, initContainers = [], resources: ofPod } = (object as any).spec;
  const texts: string[] = [];
  const names = Object.keys(quota.status.hard).filter((each) => COMPUTE.test(each));
  for (const name of names.sort()) {
    const field = name.startsWith('limits.') ? 'limits' : 'requests';
    const key = name.replace(/^(limits|requests)\./, '');
    if (ofPod?.[field]?.[key] !== undefined) continue;
    const silent = [...initContainers, ...containers].filter(
      ({ resources }) => resources?.[field]?.[key] === undefined,
    );
    const silentNames = silent.map((each) => each.name).sort();
    if (silent.length > 0) texts.push(`${name} for: ${silentNames.join(',')}`);
  }
  if (texts.length === 0) return;
  const cause = `failed quota: ${quota.metadata.name}: must specify ${texts.join('; ')}`;
  throw forbidden(resource, object!.metadata.name ?? '', cause);
}

type Asked = readonly (readonly [name: string, quantity: Quantity])[];

const usedOf = (quota: KubernetesObject, name: string): Quantity => parseQuantity(quota.status.used?.[name] ?? '0');

function checkRoom({ resource, object }: AdmissionAttributes, quota: KubernetesObject, wanted: Asked): void {
  const { hard } = quota.status;
  const over = wanted
    .filter(([name, quantity]) => {
      const total = addQuantities(usedOf(quota, name), quantity);
      return compareQuantities(total, parseQuantity(hard[name])) > 0;
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (over.length === 0) return;
  const list = (value: (name: string, quantity: Quantity) => string) =>
    over.map(([name, quantity]) => `${name}=${value(name, quantity)}`).join(',');
  const requested = list((_, { text }) => text);
  const used = list((name) => usedOf(quota, name).text);
  const cause = `exceeded quota: ${quota.metadata.name}, requested: ${requested}, used: ${used}, limited: ${list((name) => hard[name])}`;
  throw forbidden(resource, object!.metadata.name ?? '', cause);
}

function charge({ updateStatus }: AdmissionContext, quota: KubernetesObject, wanted: Usage): void {
  const used: Record<string, string> = { ...quota.status.used };
  for (const [name, quantity] of Object.entries(wanted)) used[name] = addQuantities(usedOf(quota, name), quantity).text;
  updateStatus('resourcequotas', { ...quota, status: { ...quota.status, used } });
}
