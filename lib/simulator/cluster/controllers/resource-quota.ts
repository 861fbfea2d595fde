/**
 * ResourceQuota status: what a namespace uses of what it may. Admission raises it with every request; this controller counts
 * anew when something went away.
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
import { semanticEqual } from '../../../kubernetes/equality';
import type { KubernetesObject } from '../../../kubernetes/object';
import { parseQuantity } from '../../../kubernetes/quantity';
import type { ResourceName } from '../client';
import { addUsage, inScopes, type Usage, usageOf } from '../quota-usage';
import type { StoreEvent } from '../store';
import {
  type Controller,
  type ControllerContext,
  type ControllerDefinition,
  nameOf,
  splitName,
  type Watch,
} from './controller';
import { deletableResources } from './served-collections';

const QUOTAS = 'resourcequotas';
/** A quota is counted anew at most so often. */
const GATHER_MS = 500;

export const resourceQuotaController: ControllerDefinition = {
  name: 'resourcequota-controller',
  serviceAccount: 'resourcequota-controller',
  create: createResourceQuotaController,
};

function createResourceQuotaController(context: ControllerContext): Controller {
  const { store, client } = context;
  const collections = deletableResources(context)
    .filter(({ namespaced }) => namespaced)
    .map(({ collection }) => collection);

  function reconcile(key: string): undefined {
    const { namespace, name } = splitName(key);
    const quota = store.get(QUOTAS, namespace, name);
    if (!quota) return undefined;
    const hard: Record<string, string> = quota.spec?.hard ?? {};
    const used = count(quota, Object.keys(hard));
    const status = { hard, used };
    if (!semanticEqual(status, quota.status)) client.updateStatus(QUOTAS, { ...quota, status });
    return undefined;
  }

  function count(quota: KubernetesObject, names: readonly string[]): Record<string, string> {
    let usage: Usage = {};
    for (const collection of collections.filter((each) => names.some((name) => concerns(name, each)))) {
      for (const object of store.list(collection, quota.metadata.namespace)) {
        if (inScopes(quota, collection, object)) usage = addUsage(usage, usageOf(collection, object));
      }
    }
    return Object.fromEntries(names.map((name) => [name, (usage[name] ?? parseQuantity('0')).text]));
  }

  /** The quotas that a change may concern. */
  function* quotasOf(collection: ResourceName, { type, object, previous }: StoreEvent): Iterable<string> {
    if (type === 'MODIFIED' && previous && previous.spec === object.spec && phaseOf(previous) === phaseOf(object))
      return;
    for (const quota of store.list(QUOTAS, object.metadata.namespace)) {
      if (Object.keys(quota.spec?.hard ?? {}).some((name) => concerns(name, collection))) yield nameOf(quota);
    }
  }

  const counted = collections
    .filter((collection) => collection !== QUOTAS)
    .map((collection): Watch => ({ collection, gatherMs: GATHER_MS, names: (event) => quotasOf(collection, event) }));
  return { watches: [{ collection: QUOTAS }, ...counted], reconcile };
}

const phaseOf = ({ status }: KubernetesObject) => status?.phase;

/** Whether objects of a collection can use any of a resource of a quota. */
function concerns(name: string, collection: ResourceName): boolean {
  if (name === collection || name === `count/${collection}`) return true;
  if (name.startsWith('count/')) return false;
  if (collection === 'services') return name.startsWith('services.');
  if (collection === 'persistentvolumeclaims') return name === 'requests.storage' || name.includes('.storageclass.');
  return collection === 'pods' && !name.startsWith('services.') && !name.includes('storageclass');
}
