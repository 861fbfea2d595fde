/**
 * Who belongs to whom: controller references, and how controllers find, adopt and release what is theirs.
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents
 *
 * What an owner controls is found through a store index on the owner's uid, never by looking through all objects; what
 * nobody controls through an index by namespace.
 */
import { controllerOf, isTerminating, type KubernetesObject, type OwnerReference } from '../../../kubernetes/object';
import { compileLabelSelector, type LabelMatcher, type LabelSelector } from '../../../kubernetes/selectors';
import { StatusError } from '../../../kubernetes/status-error';
import type { Client, ResourceName } from '../client';
import type { Store, StoreEvent } from '../store';
import { nameOf, type Watch } from './controller';

const BY_CONTROLLER = 'controller-uid';
const ORPHANS = 'without-controller';

/** Keeps the indexes that {@link controlledBy} and {@link claim} read. */
export function indexOwnership(store: Store, collection: ResourceName): void {
  store.addIndex(collection, BY_CONTROLLER, (object) => {
    const owner = controllerOf(object);
    return owner ? [owner.uid] : [];
  });
  store.addIndex(collection, ORPHANS, (object) => (controllerOf(object) ? [] : [object.metadata.namespace ?? '']));
}

/** The objects whose controller is `owner`, in the order in which they came to be. */
export function controlledBy(store: Store, collection: ResourceName, owner: KubernetesObject): KubernetesObject[] {
  return [...store.byIndex(collection, BY_CONTROLLER, owner.metadata.uid!)];
}

/** How many objects have the same controller as this one. */
export function countSiblings(store: Store, collection: ResourceName, object: KubernetesObject): number {
  const owner = controllerOf(object);
  return owner ? store.countByIndex(collection, BY_CONTROLLER, owner.uid) : 0;
}

/** The objects of a namespace that have no controller. */
export function withoutController(store: Store, collection: ResourceName, namespace: string): KubernetesObject[] {
  return [...store.byIndex(collection, ORPHANS, namespace)];
}

/** The reference that makes `owner` the controller of an object. */
export function controllerReference(owner: KubernetesObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name!,
    uid: owner.metadata.uid!,
    controller: true,
    blockOwnerDeletion: true,
  };
}

const matchers = new WeakMap<object, LabelMatcher>();

/** A compiled selector, compiled once per stored selector. */
export function matcherOf(selector: LabelSelector | undefined): LabelMatcher {
  if (!selector) return compileLabelSelector(selector);
  let matcher = matchers.get(selector);
  if (!matcher) {
    matcher = compileLabelSelector(selector);
    matchers.set(selector, matcher);
  }
  return matcher;
}

/** An empty selector finds everything, which no workload can mean. */
export function selectsAll(selector: LabelSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && !selector?.matchExpressions?.length;
}

export interface ClaimOptions {
  readonly store: Store;
  readonly client: Client;
  readonly collection: ResourceName;
  readonly owner: KubernetesObject;
  readonly matches: LabelMatcher;
}

/**
 * What `owner` controls after it adopted the matching objects that nobody controls and released those that no longer
 * match. An owner that is being deleted neither adopts nor releases.
 */
export function claim({ store, client, collection, owner, matches }: ClaimOptions): KubernetesObject[] {
  const going = isTerminating(owner);
  const claimed: KubernetesObject[] = [];
  for (const object of controlledBy(store, collection, owner)) {
    if (matches(object.metadata.labels)) claimed.push(object);
    else if (!going) setOwners(client, collection, object, withoutOwner(object, owner.metadata.uid!));
  }
  if (going) return claimed;
  for (const object of withoutController(store, collection, owner.metadata.namespace ?? '')) {
    if (isTerminating(object) || !matches(object.metadata.labels)) continue;
    const owners = [...(object.metadata.ownerReferences ?? []), controllerReference(owner)];
    const adopted = setOwners(client, collection, object, owners);
    if (adopted) claimed.push(adopted);
  }
  return claimed;
}

function withoutOwner(object: KubernetesObject, uid: string): OwnerReference[] {
  return (object.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
}

function setOwners(
  client: Client,
  collection: ResourceName,
  object: KubernetesObject,
  owners: OwnerReference[],
): KubernetesObject | undefined {
  const { ownerReferences: _before, ...metadata } = object.metadata;
  const next = { ...object, metadata: owners.length > 0 ? { ...metadata, ownerReferences: owners } : metadata };
  try {
    return client.update(collection, next);
  } catch (error) {
    // It is gone or changed meanwhile; the change wakes us again.
    if (error instanceof StatusError && (error.code === 404 || error.code === 409)) return undefined;
    throw error;
  }
}

export interface OwnerKind {
  readonly store: Store;
  /** The owners' collection and kind: `replicasets.apps`, `ReplicaSet`. */
  readonly collection: ResourceName;
  readonly kind: string;
  readonly group: string;
  /** Whether an owner would adopt an object with these labels. */
  readonly matches: (owner: KubernetesObject, labels: Readonly<Record<string, string>> | undefined) => boolean;
}

/** Wakes the owner of each changed object - the former one too - and, for an orphan, whoever may adopt it. */
export function watchDependents(collection: ResourceName, owners: OwnerKind): Watch {
  const ownerName = (object: KubernetesObject | undefined): string | undefined => {
    const owner = object && controllerOf(object);
    if (owner?.kind !== owners.kind || groupOf(owner.apiVersion) !== owners.group) return undefined;
    const name = nameOf({ metadata: { namespace: object!.metadata.namespace, name: owner.name } });
    // An owner of the same name that came later is somebody else.
    const found = owners.store.get(owners.collection, object!.metadata.namespace, owner.name);
    return found?.metadata.uid === owner.uid ? name : undefined;
  };
  return {
    collection,
    *names({ type, object, previous }: StoreEvent) {
      const owner = ownerName(object);
      if (owner !== undefined) yield owner;
      if (previous && previous.metadata.ownerReferences !== object.metadata.ownerReferences) {
        const former = ownerName(previous);
        if (former !== undefined && former !== owner) yield former;
      }
      if (type === 'DELETED' || controllerOf(object)) return;
      for (const candidate of owners.store.list(owners.collection, object.metadata.namespace)) {
        if (owners.matches(candidate, object.metadata.labels)) yield nameOf(candidate);
      }
    },
  };
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
