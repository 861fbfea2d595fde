/**
 * Follows one collection of the store: the in-process form of list-and-watch.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 *
 * It holds a revision, is woken when there is something newer, and hands each change to its handler: one batch a step,
 * in revision order. It starts with an ADDED for everything that exists already.
 */
import type { Actor } from '../simulation';
import type { ClusterContext } from './context';
import type { StoreEvent } from './store';

export class Informer implements Actor {
  private revision = -1;
  private readonly unsubscribe: () => void;

  constructor(
    readonly name: string,
    private readonly context: ClusterContext,
    private readonly collection: string,
    private readonly handle: (event: StoreEvent) => void,
  ) {
    this.unsubscribe = context.store.onChange(collection, () => context.simulation.wake(this));
    context.simulation.wake(this);
  }

  step(): boolean {
    const { store } = this.context;
    const events = this.revision < 0 ? undefined : store.eventsAfter(this.collection, this.revision);
    if (events) {
      if (events.length > 0) this.revision = events[events.length - 1]!.revision;
      for (const event of events) this.handle(event);
    } else {
      this.revision = store.revision;
      for (const object of [...store.list(this.collection)]) {
        this.handle({ revision: Number(object.metadata.resourceVersion), type: 'ADDED', object });
      }
    }
    return false;
  }

  stop(): void {
    this.unsubscribe();
  }
}
