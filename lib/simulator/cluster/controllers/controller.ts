/**
 * What a controller is, and the loop that runs one.
 * https://kubernetes.io/docs/concepts/architecture/controller/
 *
 * A controller is level-based: it is told the *name* of something that may have changed, reads how the world is and how
 * it should be, and acts on the difference. It never learns what happened, so nothing is lost when it missed it.
 *
 * A changed object reaches it like this: store -> informer (one per collection, shared by all controllers) -> `watches`
 * turns the change into names -> work queue (each name once) -> `reconcile(name)`, one name a step. What it reads is the
 * store itself, always fresh; so the "expectations" with which the real controllers bridge stale caches are not needed.
 */
import { StatusError } from '../../../kubernetes/status-error';
import type { Actor } from '../../simulation';
import type { Client, ResourceName } from '../client';
import type { ClusterContext } from '../context';
import { createEventRecorder, type EventRecorder } from '../event-recorder';
import type { StoreEvent } from '../store';
import { type DelayOptions, WorkQueue } from '../work-queue';

/** Which changes concern a controller, and whom it has to look at because of them. */
export interface Watch {
  readonly collection: ResourceName;
  /** The names to reconcile. @default the changed object's own, `<namespace>/<name>` */
  readonly names?: (event: StoreEvent) => Iterable<string>;
  /**
   * Changes within so long are dealt with in one reconcile: a thousand pods that become ready within a second are not a
   * thousand looks at all of them. @default 0
   */
  readonly gatherMs?: number | ((name: string, event: StoreEvent) => number);
}

/** For controllers that look at many pods: what the real ones lose on the way through their caches. */
export const GATHER_MS = 20;

/**
 * How long a controller is busy that looks at so many pods: a fifth of a millisecond with each, so that 10,000 take it two seconds.
 * Whatever happens meanwhile waits for its next look. Without this, N pods that become ready one by one would be N looks at
 * N pods; with it, a second of virtual time costs the same number of pods looked at, however many there are.
 */
export const busyMs = (pods: number): number => Math.floor(pods / 5);

/** When to look again although nothing changed. It replaces what earlier reconciles of that name asked for. */
export interface Requeue extends DelayOptions {
  readonly afterMs: number;
}

export interface Controller {
  readonly watches: readonly Watch[];
  /**
   * Makes the world a little more like it should be. A StatusError that it throws (a conflict, a quota) puts the name back
   * with a growing delay; anything else is a bug and ends the simulation.
   */
  reconcile(name: string): Requeue | undefined;
  /** Called once when everything runs: the place for timers that are nobody's name. */
  start?(): void;
}

export interface ControllerContext extends ClusterContext {
  /** Acts as the controller's own service account. */
  readonly client: Client;
  readonly events: EventRecorder;
  /** Puts a name into the controller's queue, now or later. */
  enqueue(name: string, afterMs?: number, options?: DelayOptions): void;
  /** Follows one more collection from now on. */
  watch(watch: Watch): void;
  /** How often the name failed in a row. */
  failuresOf(name: string): number;
}

/** One line of the registry. */
export interface ControllerDefinition {
  /** As in `kube-controller-manager --controllers`. */
  readonly name: string;
  /** In kube-system; its permissions are the ClusterRole `system:controller:<serviceAccount>`. */
  readonly serviceAccount: string;
  /** Who its events say they are from. @default the service account */
  readonly component?: string;
  create(context: ControllerContext): Controller;
}

/** The user agent of every controller. */
export const CONTROLLER_MANAGER = 'kube-controller-manager';

/** Runs one controller in the simulation. `follow` subscribes to a collection. */
export function runController(
  definition: ControllerDefinition,
  context: ClusterContext,
  follow: (collection: ResourceName, handle: (event: StoreEvent) => void) => void,
): void {
  const { simulation } = context;
  const worker: Actor = { name: definition.name, step };
  const queue = new WorkQueue(simulation.clock, () => simulation.wake(worker));
  const user = `system:serviceaccount:kube-system:${definition.serviceAccount}`;
  const client = context.clientFor(user, CONTROLLER_MANAGER);
  const self = { user, userAgent: CONTROLLER_MANAGER };
  const watch = ({ collection, names, gatherMs = 0 }: Watch) => {
    const add = (name: string, event: StoreEvent) => {
      const gather = typeof gatherMs === 'number' ? gatherMs : gatherMs(name, event);
      const delay = gather + context.disturbances.latencyOf(self, collection);
      if (delay > 0) queue.addAfter(name, delay);
      else queue.add(name);
    };
    follow(collection, (event) => {
      if (names) for (const name of names(event)) add(name, event);
      else add(nameOf(event.object), event);
    });
  };
  // Members that may change over time (the bridge attaches itself) are read through to the cluster.
  const own: ControllerContext = Object.assign(Object.create(context) as ClusterContext, {
    client,
    events: createEventRecorder({
      client,
      clock: simulation.clock,
      random: simulation.random,
      component: definition.component ?? definition.serviceAccount,
    }),
    enqueue: (name: string, afterMs = 0, options?: DelayOptions) =>
      afterMs > 0 ? queue.addAfter(name, afterMs, options) : queue.add(name),
    watch,
    failuresOf: (name: string) => queue.failuresOf(name),
  });
  const controller = definition.create(own);
  for (const each of controller.watches) watch(each);
  controller.start?.();

  function step(): boolean {
    const name = queue.take();
    if (name === undefined) return false;
    try {
      const requeue = controller.reconcile(name);
      queue.forget(name);
      if (requeue) queue.addAfter(name, requeue.afterMs, requeue);
    } catch (error) {
      if (!(error instanceof StatusError)) {
        throw new Error(`${definition.name} failed on ${name}: ${error}`, { cause: error });
      }
      queue.addRateLimited(name);
    }
    return queue.length > 0;
  }
}

/** `default/web`, or `node-1` for what has no namespace: the form of a name in a work queue. */
export function nameOf(object: { readonly metadata: { readonly namespace?: string; readonly name?: string } }): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name! : `${namespace}/${name}`;
}

/** The inverse of {@link nameOf}. */
export function splitName(key: string): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
