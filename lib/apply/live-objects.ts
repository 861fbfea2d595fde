/**
 * What is in the cluster now, for everything that is waited for: one list and one watch per kind and namespace, and not a
 * request per object. https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import { setMaxListeners } from 'node:events';
import type { KubernetesObject, Resource } from '../kubernetes/object';
import { StatusError } from '../kubernetes/status-error';
import { pathOf } from './discovery';
import type { KubernetesApi } from './kubernetes-api';
import { keyOf, type ObjectKey, refOf } from './object-ref';
import { sleep } from './retry';
import { TransportError } from './transport';

/** The server ends a watch after this time, and we open the next one where it ended. */
const WATCH_SECONDS = '300';
const REOPEN_DELAY_MS = 1_000;

export class LiveObjects {
  private readonly objects = new Map<ObjectKey, KubernetesObject>();
  private readonly byUid = new Map<string, KubernetesObject>();
  private readonly byOwner = new Map<string, Map<ObjectKey, KubernetesObject>>();
  private readonly followed = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly api: KubernetesApi,
    /** Called after each change, with the uids of the object and of all that it belongs to, directly or not. */
    private readonly onChange: (uids: readonly string[]) => void,
  ) {
    // Every open watch listens for the end.
    setMaxListeners(0, this.stopping.signal);
  }

  get(key: ObjectKey): KubernetesObject | undefined {
    return this.objects.get(key);
  }

  /** Objects that a uid controls, or Events about it, in no particular order. */
  ownedBy(uid: string | undefined): KubernetesObject[] {
    return uid ? [...(this.byOwner.get(uid)?.values() ?? [])] : [];
  }

  /** Takes the answer to a write for what is there, unless something of the same name is known. */
  learn(object: KubernetesObject): void {
    if (!this.objects.has(keyOf(refOf(object)))) this.put(object);
  }

  /** Looks once, without following what happens next. */
  async read(resource: Resource, namespace: string | undefined): Promise<void> {
    await this.relist(resource, namespace);
  }

  /** Resolves when what exists now is known. Following the same twice costs nothing. */
  follow(resource: Resource, namespace: string | undefined): Promise<void> {
    const path = pathOf(resource, namespace);
    let started = this.followed.get(path);
    if (!started) {
      started = new Promise((resolve, reject) => {
        this.run(resource, namespace, resolve).catch(reject);
      });
      this.followed.set(path, started);
    }
    return started;
  }

  close(): void {
    this.stopping.abort();
  }

  private async run(resource: Resource, namespace: string | undefined, onListed: () => void): Promise<void> {
    const { signal } = this.stopping;
    let resourceVersion: string | undefined;
    while (!signal.aborted) {
      try {
        if (resourceVersion === undefined) {
          resourceVersion = await this.relist(resource, namespace);
          onListed();
        }
        resourceVersion = await this.watchFrom(resource, namespace, resourceVersion);
      } catch (error) {
        if (signal.aborted) return;
        const expired = error instanceof StatusError && error.code === 410;
        const broken = error instanceof TransportError || (error instanceof StatusError && error.code >= 500);
        if (!expired && !broken) throw error;
        if (expired) resourceVersion = undefined;
        else await sleep(this.api.clock, REOPEN_DELAY_MS, signal);
      }
    }
  }

  private async relist(resource: Resource, namespace: string | undefined): Promise<string> {
    const { items, resourceVersion } = await this.api.list(resource, { namespace });
    const present = new Set(items.map((item) => keyOf(refOf(item))));
    for (const object of [...this.objects.values()]) {
      const ref = refOf(object);
      const same = ref.group === resource.group && ref.kind === resource.kind;
      if (same && (!namespace || ref.namespace === namespace) && !present.has(keyOf(ref))) this.remove(object);
    }
    for (const item of items) this.put(item);
    return resourceVersion;
  }

  /** Follows changes until the server ends the watch; returns where to go on. */
  private async watchFrom(resource: Resource, namespace: string | undefined, from: string): Promise<string> {
    let resourceVersion = from;
    const query = { watch: 'true', resourceVersion, allowWatchBookmarks: 'true', timeoutSeconds: WATCH_SECONDS };
    const events = this.api.transport.watch({ path: pathOf(resource, namespace), query }, this.stopping.signal);
    for await (const { type, object } of events) {
      if (this.stopping.signal.aborted) break;
      if (type === 'ERROR') throw StatusError.from(object);
      resourceVersion = object.metadata.resourceVersion;
      if (type === 'DELETED') this.remove(object);
      else if (type !== 'BOOKMARK') this.put(object);
    }
    return resourceVersion;
  }

  private put(object: KubernetesObject): void {
    const key = keyOf(refOf(object));
    const before = this.objects.get(key);
    if (before && before.metadata.resourceVersion === object.metadata.resourceVersion) return;
    if (before) this.disown(key, before);
    this.objects.set(key, object);
    if (object.metadata.uid) this.byUid.set(object.metadata.uid, object);
    for (const owner of ownersOf(object)) {
      const owned = this.byOwner.get(owner);
      if (owned) owned.set(key, object);
      else this.byOwner.set(owner, new Map([[key, object]]));
    }
    this.onChange(this.lineage(object));
  }

  private remove(object: KubernetesObject): void {
    const key = keyOf(refOf(object));
    const before = this.objects.get(key);
    if (!before) return;
    const lineage = this.lineage(before);
    this.disown(key, before);
    this.objects.delete(key);
    this.onChange(lineage);
  }

  /** A Pod, its ReplicaSet, its Deployment. */
  private lineage(object: KubernetesObject): string[] {
    const uids = new Set<string>(object.metadata.uid ? [object.metadata.uid] : []);
    const climb = (from: KubernetesObject) => {
      for (const uid of ownersOf(from)) {
        if (uids.has(uid)) continue;
        uids.add(uid);
        const owner = this.byUid.get(uid);
        if (owner) climb(owner);
      }
    };
    climb(object);
    return [...uids];
  }

  private disown(key: ObjectKey, object: KubernetesObject): void {
    if (object.metadata.uid) this.byUid.delete(object.metadata.uid);
    for (const owner of ownersOf(object)) {
      const owned = this.byOwner.get(owner);
      owned?.delete(key);
      if (owned?.size === 0) this.byOwner.delete(owner);
    }
  }
}

/** Uids that an object belongs to: its owners, and what an Event is about. */
export function ownersOf(object: KubernetesObject): string[] {
  const owners = (object.metadata.ownerReferences ?? []).map(({ uid }) => uid);
  return object.kind === 'Event' && object.involvedObject?.uid ? [...owners, object.involvedObject.uid] : owners;
}
