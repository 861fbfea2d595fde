/** What a checker is: it looks at a cluster again and again, and says in one sentence what must not be. */
import type { Store, StoreEvent } from '../../store';
import type { StormWorld } from '../storm-world';

export interface Checker {
  /** Called whenever some time has passed. @returns what is wrong */
  check(): string | undefined;
}

/** A checker begins when its world does. */
export type CheckerFactory = (world: StormWorld) => Checker;

/** How long something written may take until everybody who has to act on it has acted. */
export const PROPAGATION_MS = 3_000;

/**
 * A name that failed again and again comes back to its controller only after its back-off, which may be as long as all
 * failures before it together.
 */
export const LONGEST_RETRY_MS = 12 * 60_000;

/** Whether the API server has served everybody for so long that delays can be judged. */
export function isCalm({ calmSince, simulation }: StormWorld, forMs = PROPAGATION_MS): boolean {
  return calmSince !== undefined && simulation.clock.now() - calmSince >= forMs;
}

/** Reads what is new in some collections, in the order of the revisions. */
export function logReader(store: Store, collections: readonly string[]): () => readonly StoreEvent[] {
  let revision = 0;
  return () => {
    const events = collections.flatMap((name) => store.eventsAfter(name, revision) ?? []);
    revision = store.revision;
    return collections.length === 1 ? events : events.sort((a, b) => a.revision - b.revision);
  };
}
