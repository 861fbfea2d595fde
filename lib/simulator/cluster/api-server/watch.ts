/**
 * A watch: a cursor into the log of one collection, and what its selectors make of each change.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 *
 * An object that starts to match is ADDED for this watcher, one that stops to match is DELETED, whatever happened to it in
 * the store. A watch pushes nothing by itself: its owner is woken by the store and asks for what is new.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { decode } from '../../../kubernetes/schema/decode';
import { type Status, StatusError } from '../../../kubernetes/status-error';
import type { StoreEvent } from '../store';
import type { ServedResource } from './resources';
import { compileSelection, type Selection } from './selection';
import { allFromStored, fromStored, type ServerContext } from './server-context';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubernetesObject | Status;
}

export interface WatchOptions {
  readonly resource: ServedResource;
  /** `''` for all. */
  readonly namespace: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Events after this one; absent or `'0'`: the objects that exist now come first, as ADDED. */
  readonly resourceVersion?: string;
  /** WatchList: the objects that exist now, then a bookmark that says so. */
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
}

const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' };

export class Watch {
  /** The revision up to which this watcher knows everything. */
  private revision: number;
  private readonly selects: Selection | undefined;
  /** What exists when the watch begins, until it is first asked for. */
  private initial: WatchEvent[] = [];
  private failed = false;

  constructor(
    private readonly server: ServerContext,
    private readonly options: WatchOptions,
  ) {
    this.selects = compileSelection(options.resource, options);
    this.revision = Number(options.resourceVersion ?? '0');
    if (this.revision === 0 || options.sendInitialEvents) this.initial = this.initialEvents();
  }

  /** What happened since the last call, oldest first. */
  poll(): readonly WatchEvent[] {
    if (this.failed) return [];
    const events = [...this.initial];
    const changes = this.server.store.eventsAfter(this.options.resource.collection, this.revision);
    if (!changes) {
      this.failed = true;
      events.push({ type: 'ERROR', object: expired(this.revision, this.server.store.revision) });
      return events;
    }
    try {
      for (const change of changes) this.add(change, events);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.failed = true;
      events.push({ type: 'ERROR', object: error.toStatus() });
    }
    // Only now: whoever waits for a webhook asks again.
    this.initial = [];
    if (changes.length > 0) this.revision = changes[changes.length - 1]!.revision;
    return events;
  }

  /** Wakes `listener` when there may be something new. */
  onChange(listener: () => void): () => void {
    return this.server.store.onChange(this.options.resource.collection, listener);
  }

  /** Tells the watcher how far it is, so that it can go on from there later. Only after everything was polled. */
  bookmark(annotations?: Record<string, string>): WatchEvent {
    const { resource } = this.options;
    const empty = resource.custom ? {} : (decode(resource.schema, {}).value as KubernetesObject);
    const metadata = {
      resourceVersion: String(this.server.store.revision),
      ...(annotations ? { annotations } : {}),
    };
    return { type: 'BOOKMARK', object: { ...empty, kind: resource.kind, apiVersion: resource.apiVersion, metadata } };
  }

  private initialEvents(): WatchEvent[] {
    const { resource, namespace } = this.options;
    const all = this.server.store.sorted(resource.collection, namespace || undefined);
    const selected = this.selects ? all.filter(this.selects) : all;
    const events = allFromStored(resource, selected).map((object): WatchEvent => ({ type: 'ADDED', object }));
    this.revision = this.server.store.revision;
    if (this.options.sendInitialEvents && this.options.allowWatchBookmarks)
      events.push(this.bookmark(INITIAL_EVENTS_END));
    return events;
  }

  private add(change: StoreEvent, events: WatchEvent[]): void {
    const { namespace, resource } = this.options;
    if (namespace !== '' && change.object.metadata.namespace !== namespace) return;
    const type = this.typeOf(change);
    if (type === undefined) return;
    // What no longer matches is shown as it was when it still did, with the revision of the change.
    const object =
      type === 'DELETED' && change.type === 'MODIFIED' ? withVersion(change.previous!, change.object) : change.object;
    events.push({ type, object: fromStored(resource, object) });
  }

  private typeOf({ type, object, previous }: StoreEvent): StoreEvent['type'] | undefined {
    if (!this.selects) return type;
    const before = previous !== undefined && this.selects(previous);
    const after = type !== 'DELETED' && this.selects(object);
    if (after) return before ? 'MODIFIED' : 'ADDED';
    return before ? 'DELETED' : undefined;
  }
}

function withVersion(object: KubernetesObject, { metadata }: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: metadata.resourceVersion! } };
}

function expired(wanted: number, current: number): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `too old resource version: ${wanted} (${current})`,
    reason: 'Expired',
    code: 410,
  };
}
