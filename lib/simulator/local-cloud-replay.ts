/** Brings a local cloud back to where its journal ends: every recorded request again, at its virtual time. */
import type { Authenticator } from './cluster/api-server/auth/authenticator';
import { clientCertificates } from './cluster/api-server/auth/authenticator';
import { Door } from './cluster/http/door';
import { type JournalEntry, replayRequest } from './journal';
import type { LocalCloud } from './local-cloud';

export interface ReplayOptions {
  /** Sets the clock outside to when the request was made: tokens were valid then. */
  readonly setWallClock: (wall: number) => void;
  /** Those of a cluster besides client certificates. */
  readonly authenticatorsOf: (cluster: string) => readonly Authenticator[];
  /** Awaited between two requests, for what has to be ready outside. */
  readonly settle: () => Promise<void>;
}

export async function replay(
  cloud: LocalCloud,
  entries: readonly JournalEntry[],
  options: ReplayOptions,
): Promise<void> {
  const { simulation, account, clusters } = cloud;
  for (const { at, wall, cluster, request } of entries) {
    options.setWallClock(wall);
    if (at > simulation.clock.now()) simulation.advance(at - simulation.clock.now());
    await options.settle();
    const live = replayRequest(request);
    if (cluster === undefined) {
      account.answer(live);
    } else {
      const api = clusters.get(cluster)?.cluster.api;
      // Somebody wrote to a cluster that was just going away: it was refused then, too.
      if (!api) continue;
      const authenticators = [clientCertificates, ...options.authenticatorsOf(cluster)];
      new Door(api, { authenticators, serverAddress: '' }).answer(live);
    }
    simulation.runReady();
  }
}
