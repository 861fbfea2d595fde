/**
 * Follows one collection of the store: the in-process form of list-and-watch.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 *
 * It holds a revision, is woken when there is something newer, and hands each change to its handler: one batch a step,
 * in revision order. It starts with an ADDED for everything that exists already.
 */
import type { Actor } from '../simulation';
import { concerns } from './api-server/disturbances';
import type { ClusterContext } from './context';
import type { StoreEvent } from './store';

/** Informers serve the controllers, whose client calls itself so. */
const CONTROLLER_MANAGER = 'kube-controller-manager';

export class Informer implements Actor {
  private revision = -1;
  private readonly unsubscribe: () => void;
  /** While its watch is broken it hears nothing. */
  private deafUntil = 0;

  constructor(
    readonly name: string,
    private readonly context: ClusterContext,
    private readonly collection: string,
    private readonly handle: (event: StoreEvent) => void,
  ) {
    const unsubscribe = context.store.onChange(collection, () => context.simulation.wake(this));
    const stopDrops = context.disturbances.onDrop((dropped) => {
      if (concerns(dropped, { user: '', userAgent: CONTROLLER_MANAGER }, collection)) this.lose(dropped.until);
    });
    this.unsubscribe = () => {
      unsubscribe();
      stopDrops();
    };
    context.simulation.wake(this);
  }

  step(): boolean {
    const { store, simulation } = this.context;
    if (simulation.clock.now() < this.deafUntil) return false;
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

  /** The watch breaks; a new one will find in the log what was missed. */
  private lose(until: number): void {
    const { simulation } = this.context;
    this.deafUntil = Math.max(this.deafUntil, until);
    simulation.clock.after(until - simulation.clock.now(), () => simulation.wake(this));
  }

  stop(): void {
    this.unsubscribe();
  }
}
