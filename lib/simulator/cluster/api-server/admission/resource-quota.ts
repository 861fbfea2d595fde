/**
 * ResourceQuota: a namespace may hold, and ask for, only so much. What is asked for is added to `status.used` at once; the
 * controller corrects it later.
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/
 *
 * Left out: quotas that limit what a scope may use by configuration, usage of resized pods and of objects that grow.
 */
import type { KubernetesObject } from '../../../../kubernetes/object';
import { addQuantities, compareQuantities, parseQuantity, type Quantity } from '../../../../kubernetes/quantity';
import { forbidden } from '../../../../kubernetes/status-error';
import { inScopes, type Usage, usageOf } from '../../quota-usage';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from './admission';

const COMPUTE = /^((requests|limits)\.)?(cpu|memory)$/;

export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  handles: ['CREATE'],
  validate(attributes, context) {
    const { resource, subresource, namespace, object } = attributes;
    if (subresource !== '' || !resource.namespaced || context.store.count('resourcequotas', namespace) === 0) return;
    const quotas = context.store
      .sorted('resourcequotas', namespace)
      .filter((quota) => quota.status?.hard && inScopes(quota, resource.collection, object as any));
    const usage = usageOf(resource.collection, object as any);
    const charged: (readonly [KubernetesObject, Usage])[] = [];
    for (const quota of quotas) {
      const hard: Readonly<Record<string, string>> = quota.status.hard;
      if (resource.collection === 'pods') requireAmounts(attributes, quota);
      const asked = Object.entries(usage).filter(([name]) => hard[name] !== undefined);
      if (asked.length === 0) continue;
      checkRoom(attributes, quota, asked);
      charged.push([quota, Object.fromEntries(asked)]);
    }
    if (!attributes.dryRun) for (const [quota, asked] of charged) charge(context, quota, asked);
  },
};

/** Where a quota counts cpu or memory, every container has to say how much it takes. */
function requireAmounts({ resource, object }: AdmissionAttributes, quota: KubernetesObject): void {
  const { containers, initContainers = [] } = (object as any).spec;
  const texts: string[] = [];
  for (const name of Object.keys(quota.status.hard)
    .filter((each) => COMPUTE.test(each))
    .sort()) {
    const [field, key] = name.startsWith('limits.')
      ? ['limits', name.slice(7)]
      : ['requests', name.replace('requests.', '')];
    const silent = [...initContainers, ...containers].filter(
      (each: any) => each.resources?.[field]?.[key] === undefined,
    );
    if (silent.length > 0)
      texts.push(
        `${name} for: ${silent
          .map((each: any) => each.name)
          .sort()
          .join(',')}`,
      );
  }
  if (texts.length === 0) return;
  const cause = `failed quota: ${quota.metadata.name}: must specify ${texts.join('; ')}`;
  throw forbidden(resource, object!.metadata.name ?? '', cause);
}

type Asked = readonly (readonly [name: string, quantity: Quantity])[];

const usedOf = (quota: KubernetesObject, name: string): Quantity => parseQuantity(quota.status.used?.[name] ?? '0');

function checkRoom({ resource, object }: AdmissionAttributes, quota: KubernetesObject, asked: Asked): void {
  const { hard } = quota.status;
  const over = asked
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

function charge({ updateStatus }: AdmissionContext, quota: KubernetesObject, asked: Usage): void {
  const used: Record<string, string> = { ...quota.status.used };
  for (const [name, quantity] of Object.entries(asked)) used[name] = addQuantities(usedOf(quota, name), quantity).text;
  updateStatus('resourcequotas', { ...quota, status: { ...quota.status, used } });
}
