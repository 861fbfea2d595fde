/**
 * Garbage collector: what belongs to something that is gone, goes too.
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 *
 * Three ways to delete an owner:
 * - *background*: the owner goes at once; its dependents are found to have no owner left, and are deleted;
 * - *foreground*: the owner stays, with the finalizer `foregroundDeletion`, until no dependent that blocks it is left;
 * - *orphan*: the owner stays, with the finalizer `orphan`, until it was taken out of all its dependents.
 *
 * Who owns whom is an index of the store, kept up to date with every write; whether an owner exists is asked of the store
 * itself. So the collector has no graph of its own that could be out of date. An owner in another namespace counts as absent;
 * an event says so.
 */
import { isTerminating, type KubernetesObject, type OwnerReference } from '../../../kubernetes/object';
import { isNotFound } from '../../../kubernetes/status-error';
import type { ResourceName } from '../client';
import type { StoreEvent } from '../store';
import { type Controller, type ControllerContext, type ControllerDefinition, nameOf, splitName } from './controller';
import { deletableResources, type ServedCollection } from './served-collections';

const BY_OWNER = 'owner-uid';
const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

export const garbageCollector: ControllerDefinition = {
  name: 'garbage-collector-controller',
  serviceAccount: 'generic-garbage-collector',
  component: 'garbage-collector-controller',
  create: createGarbageCollector,
};

interface Item {
  readonly collection: ResourceName;
  readonly object: KubernetesObject;
}

/** `pods|default/web-1`: objects of all collections share one queue. */
const itemName = (collection: ResourceName, object: KubernetesObject) => `${collection}|${nameOf(object)}`;

function createGarbageCollector(context: ControllerContext): Controller {
  const { store, client, events } = context;
  const followed = new Map<ResourceName, ServedCollection>();
  const byKind = new Map<string, ServedCollection>();
  /** Collections in which anything has an owner: where to look for dependents. */
  const owned = new Set<ResourceName>();

  function follow(served: ServedCollection): void {
    const { collection } = served;
    byKind.set(`${served.group}/${served.kind}`, served);
    if (followed.has(collection)) return;
    followed.set(collection, served);
    store.addIndex(collection, BY_OWNER, (object) => {
      const owners = object.metadata.ownerReferences;
      if (!owners?.length) return [];
      owned.add(collection);
      return owners.map((owner) => owner.uid);
    });
    context.watch({ collection, names: (event) => affected(collection, event) });
  }

  function dependentsOf(uid: string): Item[] {
    return [...owned].flatMap((collection) =>
      [...store.byIndex(collection, BY_OWNER, uid)].map((object) => ({ collection, object })),
    );
  }

  function* affected(collection: ResourceName, { type, object, previous }: StoreEvent): Iterable<string> {
    if (type === 'DELETED') {
      for (const dependent of dependentsOf(object.metadata.uid!))
        yield itemName(dependent.collection, dependent.object);
      yield* waitingOwners(object);
      return;
    }
    const ownersChanged = previous?.metadata.ownerReferences !== object.metadata.ownerReferences;
    if (previous && ownersChanged) yield* waitingOwners(previous);
    const startsWaiting = isTerminating(object) && waitsFor(object) !== waitsFor(previous);
    if (ownersChanged && !ownersAreSolid(object)) {
      reportForeignOwners(object);
      yield itemName(collection, object);
    } else if (startsWaiting) yield itemName(collection, object);
  }

  /** Owner references cannot cross namespaces. */
  function reportForeignOwners(object: KubernetesObject): void {
    const { namespace } = object.metadata;
    for (const reference of object.metadata.ownerReferences ?? []) {
      const { apiVersion, kind, name, uid } = reference;
      const served = byKind.get(`${groupOf(apiVersion)}/${kind}`);
      if (!served?.namespaced || findOwner(object, reference)) continue;
      const lives = [...store.list(served.collection)].some((other) => other.metadata.uid === uid);
      if (!lives) continue;
      const identity = `[${apiVersion}/${kind}, namespace: ${namespace ?? ''}, name: ${name}, uid: ${uid}]`;
      const message = `ownerRef ${identity} does not exist in namespace "${namespace ?? ''}"`;
      events.event(object, 'Warning', 'OwnerRefInvalidNamespace', message);
    }
  }

  /** The owners that are waiting for this object to go. */
  function* waitingOwners(object: KubernetesObject): Iterable<string> {
    for (const reference of object.metadata.ownerReferences ?? []) {
      const owner = findOwner(object, reference);
      if (owner && waitsFor(owner.object) !== undefined) yield itemName(owner.collection, owner.object);
    }
  }

  function ownersAreSolid(object: KubernetesObject): boolean {
    return (object.metadata.ownerReferences ?? []).every((reference) => stateOf(object, reference) === 'solid');
  }

  function findOwner(object: KubernetesObject, reference: OwnerReference): Item | undefined {
    const served = byKind.get(`${groupOf(reference.apiVersion)}/${reference.kind}`);
    if (!served) return undefined;
    const namespace = served.namespaced ? object.metadata.namespace : undefined;
    const owner = store.get(served.collection, namespace, reference.name);
    return owner?.metadata.uid === reference.uid ? { collection: served.collection, object: owner } : undefined;
  }

  function stateOf(object: KubernetesObject, reference: OwnerReference): 'solid' | 'dangling' | 'waiting' {
    // Of a kind that is not served nothing can be known, so nothing is deleted because of it.
    if (!byKind.has(`${groupOf(reference.apiVersion)}/${reference.kind}`)) return 'solid';
    const owner = findOwner(object, reference);
    if (!owner) return 'dangling';
    return waitsFor(owner.object) === FOREGROUND ? 'waiting' : 'solid';
  }

  function reconcile(name: string): undefined {
    const [collection, key] = name.split('|') as [string, string];
    if (collection === CUSTOM_RESOURCES) return followAll();
    const { namespace, name: objectName } = splitName(key);
    const object = store.get(collection, namespace, objectName);
    if (!object) return undefined;
    const item = { collection, object };
    if (!isTerminating(object)) return collect(item);
    const waits = waitsFor(object);
    if (waits === FOREGROUND) return deleteDependents(item);
    if (waits === ORPHAN) return orphanDependents(item);
    return undefined;
  }

  /** Decides by its owners whether an object stays. */
  function collect({ collection, object }: Item): undefined {
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length === 0) return undefined;
    const states = new Map(owners.map((owner) => [owner, stateOf(object, owner)]));
    const solid = owners.filter((owner) => states.get(owner) === 'solid');
    if (solid.length === owners.length) return undefined;
    if (solid.length > 0) {
      patchMetadata({ collection, object }, { ownerReferences: solid });
      return undefined;
    }
    const waiting = owners.some((owner) => states.get(owner) === 'waiting');
    const dependents = waiting ? dependentsOf(object.metadata.uid!) : [];
    if (dependents.length === 0) return deleteItem({ collection, object });
    // A dependent that is itself waiting means a circle: nobody may block anybody any more.
    if (dependents.some((dependent) => waitsFor(dependent.object) === FOREGROUND)) {
      patchMetadata({ collection, object }, { ownerReferences: owners.map(unblocked) });
    }
    return deleteItem({ collection, object }, 'Foreground');
  }

  function deleteItem({ collection, object }: Item, policy?: 'Foreground'): undefined {
    const { namespace, name, uid } = object.metadata;
    const wanted = waitsFor(object);
    const propagationPolicy =
      policy ?? (wanted === ORPHAN ? 'Orphan' : wanted === FOREGROUND ? 'Foreground' : 'Background');
    try {
      client.delete(collection, namespace, name!, { propagationPolicy, preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return undefined;
  }

  /** Foreground: the dependents first, then the owner. */
  function deleteDependents(item: Item): undefined {
    const { uid } = item.object.metadata;
    const dependents = dependentsOf(uid!);
    const blocking = dependents.filter(({ object }) =>
      object.metadata.ownerReferences!.some((owner) => owner.uid === uid && owner.blockOwnerDeletion),
    );
    if (blocking.length === 0) removeFinalizer(item, FOREGROUND);
    for (const { collection, object } of dependents) {
      if (!isTerminating(object)) context.enqueue(itemName(collection, object));
    }
    return undefined;
  }

  function orphanDependents(item: Item): undefined {
    const { uid } = item.object.metadata;
    for (const dependent of dependentsOf(uid!)) {
      const ownerReferences = dependent.object.metadata.ownerReferences!.filter((owner) => owner.uid !== uid);
      patchMetadata(dependent, { ownerReferences });
    }
    removeFinalizer(item, ORPHAN);
    return undefined;
  }

  function removeFinalizer(item: Item, finalizer: string): void {
    const finalizers = item.object.metadata.finalizers!.filter((each) => each !== finalizer);
    patchMetadata(item, { finalizers });
  }

  function patchMetadata({ collection, object }: Item, metadata: Record<string, readonly unknown[]>): void {
    const { namespace, name, uid } = object.metadata;
    const patch: Record<string, unknown> = { uid };
    for (const [field, list] of Object.entries(metadata)) patch[field] = list.length > 0 ? list : null;
    try {
      client.patch(collection, namespace, name!, 'merge', { metadata: patch });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  function followAll(): undefined {
    for (const served of deletableResources(context)) follow(served);
    return undefined;
  }

  return {
    watches: [{ collection: CUSTOM_RESOURCES, names: () => [`${CUSTOM_RESOURCES}|`] }],
    reconcile,
    start: followAll,
  };
}

/** Where new kinds come from: a change there makes us look again at what is served. */
const CUSTOM_RESOURCES = 'customresourcedefinitions.apiextensions.k8s.io';

/** Which of the two finalizers of the collector holds an object. */
function waitsFor(object: KubernetesObject | undefined): typeof FOREGROUND | typeof ORPHAN | undefined {
  const finalizers = object?.metadata.finalizers;
  if (!finalizers || !isTerminating(object!)) return undefined;
  if (finalizers.includes(FOREGROUND)) return FOREGROUND;
  return finalizers.includes(ORPHAN) ? ORPHAN : undefined;
}

const unblocked = (owner: OwnerReference): OwnerReference => ({ ...owner, blockOwnerDeletion: false });

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
