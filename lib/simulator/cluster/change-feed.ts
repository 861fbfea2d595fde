/**
 * Follows several collections of the store at once, for one actor that reads all that is new before it acts.
 */
import type { KubernetesObject } from '../../kubernetes/object';
import type { Store } from './store';

/** `object` is absent when it was deleted, `previous` when it is new. */
export type ChangeHandler = (object: KubernetesObject | undefined, previous: KubernetesObject | undefined) => void;

interface Followed {
  readonly collection: string;
  readonly handle: ChangeHandler;
  revision: number;
}

export class ChangeFeed {
  private readonly followed: Followed[] = [];

  constructor(
    private readonly store: Store,
    /** Called when there is something to read. */
    private readonly wake: () => void,
  ) {}

  follow(collection: string, handle: ChangeHandler): void {
    this.followed.push({ collection, handle, revision: -1 });
    this.store.onChange(collection, this.wake);
  }

  /** Hands over everything that is new: collection by collection, in the order in which they are followed. */
  read(): void {
    for (const followed of this.followed) this.readOne(followed);
  }

  private readOne(followed: Followed): void {
    const { collection, handle } = followed;
    if (followed.revision < 0) {
      followed.revision = this.store.revision;
      for (const object of [...this.store.list(collection)]) handle(object, undefined);
      return;
    }
    if (this.store.lastRevision(collection) <= followed.revision) return;
    const events = this.store.eventsAfter(collection, followed.revision);
    if (!events) throw new Error(`the log of ${collection} no longer reaches back to revision ${followed.revision}`);
    for (const { type, object, previous, revision } of events) {
      followed.revision = revision;
      if (type === 'DELETED') handle(undefined, previous ?? object);
      else handle(object, previous);
    }
  }
}
