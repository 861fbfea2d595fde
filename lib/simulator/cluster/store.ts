/**
 * The cluster's database, with etcd's semantics: one revision counter, objects by key, a log of every change.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 *
 * Objects are immutable once stored: a change stores a new object that shares what did not change with the old one, so
 * nobody has to copy what nobody changes. The store pushes no data to anybody. A watcher holds a revision, is woken
 * when there is something newer, and reads the log.
 *
 * What we leave out of etcd: transactions over several keys, leases, and history older than the log.
 */
import type { KubernetesObject } from '../../kubernetes/object';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface StoreEvent {
  readonly revision: number;
  readonly type: EventType;
  /** What is stored now; for DELETED the last state, carrying the revision of its deletion. */
  readonly object: KubernetesObject;
  /** What was stored before; absent for ADDED. */
  readonly previous?: KubernetesObject;
}

/** Computes the keys under which an object is found in an index; none means that it is not in the index. */
export type IndexFunction = (object: KubernetesObject) => readonly string[];

interface Index {
  readonly keysOf: IndexFunction;
  readonly members: Map<string, Map<string, KubernetesObject>>;
}

/** Where the changes of one kind of object can be followed from: `deployments.apps`. */
export interface Collection {
  readonly objects: Map<string, KubernetesObject>;
  readonly namespaces: Map<string, Map<string, KubernetesObject>>;
  readonly indexes: Map<string, Index>;
  readonly listeners: Set<() => void>;
  /** The last sorted list of each namespace (`''`: all), and the revision it was made at. */
  readonly lists: Map<string, { readonly revision: number; readonly objects: readonly KubernetesObject[] }>;
  /** Changes, oldest first. */
  readonly log: StoreEvent[];
  /** Events with a revision up to this one are gone from the log. */
  compactedTo: number;
  lastRevision: number;
}

export const objectKey = (namespace: string | undefined, name: string): string =>
  namespace ? `${namespace}/${name}` : name;

const keyOf = ({ metadata }: KubernetesObject): string => objectKey(metadata.namespace, metadata.name!);

export interface StoreOptions {
  /** How many events of one collection the log keeps. @default 100000 */
  readonly logLimit?: number;
}

export class Store {
  private readonly collections = new Map<string, Collection>();
  private readonly logLimit: number;
  private current = 0;

  constructor(options: StoreOptions = {}) {
    this.logLimit = options.logLimit ?? 100_000;
  }

  /** The revision of the last change to anything. */
  get revision(): number {
    return this.current;
  }

  /** The names of everything that was ever touched, in order. */
  get collectionNames(): string[] {
    return [...this.collections.keys()].sort();
  }

  get(collection: string, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.collection(collection).objects.get(objectKey(namespace, name));
  }

  /** All objects of a collection, or of one namespace, in no particular order. */
  *list(collection: string, namespace?: string): Iterable<KubernetesObject> {
    const found = this.collection(collection);
    const objects = namespace ? found.namespaces.get(namespace) : found.objects;
    if (objects) yield* objects.values();
  }

  /** All objects of a collection, or of one namespace, in the order of their keys. The list is kept until it changes. */
  sorted(collection: string, namespace?: string): readonly KubernetesObject[] {
    const found = this.collection(collection);
    const scope = namespace ?? '';
    const known = found.lists.get(scope);
    if (known && known.revision === found.lastRevision) return known.objects;
    const members = namespace ? found.namespaces.get(namespace) : found.objects;
    const keys = members ? [...members.keys()].sort() : [];
    const objects = keys.map((key) => members!.get(key)!);
    found.lists.set(scope, { revision: found.lastRevision, objects });
    return objects;
  }

  /**
   * The collection as it was at a revision: today's objects with everything undone that happened since. In the order of the
   * keys; undefined when the log no longer reaches back so far.
   */
  sortedAt(collection: string, revision: number, namespace?: string): readonly KubernetesObject[] | undefined {
    if (revision >= this.lastRevision(collection)) return this.sorted(collection, namespace);
    const events = this.eventsAfter(collection, revision);
    if (!events) return undefined;
    const objects = new Map<string, KubernetesObject>();
    for (const object of this.sorted(collection, namespace)) objects.set(keyOf(object), object);
    for (let i = events.length - 1; i >= 0; i--) {
      const { object, previous } = events[i]!;
      if (namespace && object.metadata.namespace !== namespace) continue;
      if (previous) objects.set(keyOf(object), previous);
      else objects.delete(keyOf(object));
    }
    return [...objects.keys()].sort().map((key) => objects.get(key)!);
  }

  count(collection: string, namespace?: string): number {
    const found = this.collection(collection);
    return (namespace ? found.namespaces.get(namespace)?.size : found.objects.size) ?? 0;
  }

  /** Stores a new or changed object and returns it with its new resourceVersion. */
  put(collection: string, object: KubernetesObject): KubernetesObject {
    const found = this.collection(collection);
    const { namespace, name } = object.metadata;
    const key = objectKey(namespace, name!);
    const previous = found.objects.get(key);
    const stored = this.stamp(object);
    found.objects.set(key, stored);
    if (namespace) {
      membersOf(found.namespaces, namespace).set(key, stored);
    }
    for (const index of found.indexes.values()) reindex(index, key, previous, stored);
    this.append(found, previous ? 'MODIFIED' : 'ADDED', stored, previous);
    return stored;
  }

  /** Removes an object and returns its last state, with the revision of the deletion; undefined when it is not there. */
  delete(
    collection: string,
    namespace: string | undefined,
    name: string,
    lastState?: KubernetesObject,
  ): KubernetesObject | undefined {
    const found = this.collection(collection);
    const key = objectKey(namespace, name);
    const previous = found.objects.get(key);
    if (!previous) return undefined;
    const removed = this.stamp(lastState ?? previous);
    found.objects.delete(key);
    if (namespace) {
      const members = found.namespaces.get(namespace)!;
      members.delete(key);
      if (members.size === 0) found.namespaces.delete(namespace);
    }
    for (const index of found.indexes.values()) reindex(index, key, previous, undefined);
    this.append(found, 'DELETED', removed, previous);
    return removed;
  }

  /** Changes of a collection after `revision`, oldest first. Undefined when the log no longer reaches back so far. */
  eventsAfter(collection: string, revision: number): readonly StoreEvent[] | undefined {
    const { log, compactedTo } = this.collection(collection);
    if (revision < compactedTo) return undefined;
    let low = 0;
    let high = log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (log[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low === log.length ? [] : log.slice(low);
  }

  /** The revision of the last change to a collection; 0 when it was never touched. */
  lastRevision(collection: string): number {
    return this.collection(collection).lastRevision;
  }

  /** Calls `listener` after every change of the collection, without data: a wake-up, nothing more. */
  onChange(collection: string, listener: () => void): () => void {
    const { listeners } = this.collection(collection);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Keeps an index up to date from now on. Adding one of the same name again does nothing. */
  addIndex(collection: string, name: string, keysOf: IndexFunction): void {
    const found = this.collection(collection);
    if (found.indexes.has(name)) return;
    const index: Index = { keysOf, members: new Map() };
    for (const [key, object] of found.objects) reindex(index, key, undefined, object);
    found.indexes.set(name, index);
  }

  /** The objects that an index holds under a key. */
  *byIndex(collection: string, name: string, key: string): Iterable<KubernetesObject> {
    const index = this.collection(collection).indexes.get(name);
    if (!index) throw new Error(`collection ${collection} has no index ${name}`);
    const members = index.members.get(key);
    if (members) yield* members.values();
  }

  /** How many objects an index holds under a key. */
  countByIndex(collection: string, name: string, key: string): number {
    return this.collection(collection).indexes.get(name)?.members.get(key)?.size ?? 0;
  }

  private collection(name: string): Collection {
    let found = this.collections.get(name);
    if (!found) {
      found = {
        objects: new Map(),
        namespaces: new Map(),
        indexes: new Map(),
        listeners: new Set(),
        lists: new Map(),
        log: [],
        compactedTo: 0,
        lastRevision: 0,
      };
      this.collections.set(name, found);
    }
    return found;
  }

  private stamp(object: KubernetesObject): KubernetesObject {
    this.current++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.current) } };
  }

  private append(found: Collection, type: EventType, object: KubernetesObject, previous?: KubernetesObject): void {
    found.lastRevision = this.current;
    found.log.push({ revision: this.current, type, object, ...(previous ? { previous } : {}) });
    if (found.log.length > this.logLimit * 2) {
      const dropped = found.log.splice(0, found.log.length - this.logLimit);
      found.compactedTo = dropped[dropped.length - 1]!.revision;
    }
    for (const listener of found.listeners) listener();
  }
}

function reindex(index: Index, key: string, previous?: KubernetesObject, next?: KubernetesObject): void {
  const before = previous ? index.keysOf(previous) : [];
  const after = next ? index.keysOf(next) : [];
  for (const value of before) {
    if (after.includes(value)) continue;
    const members = index.members.get(value);
    members?.delete(key);
    if (members?.size === 0) index.members.delete(value);
  }
  for (const value of after) {
    membersOf(index.members, value).set(key, next!);
  }
}

function membersOf(groups: Map<string, Map<string, KubernetesObject>>, key: string): Map<string, KubernetesObject> {
  let members = groups.get(key);
  if (!members) {
    members = new Map();
    groups.set(key, members);
  }
  return members;
}
