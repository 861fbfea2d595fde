/** A simulated cluster behind a free port of this machine, for tests that run real clients against it. */
import { systemClock } from '../../lib/clock';
import { type RunningCluster, type ServeOptions, startCluster } from '../../lib/simulator/cluster/serve-cluster';

export function serveCluster(options: Partial<ServeOptions> = {}): Promise<RunningCluster> {
  return startCluster({
    port: 0,
    http: false,
    users: new Map(),
    nodes: 2,
    speed: 20,
    controllers: true,
    serviceCidr: '10.100.0.0/16',
    seed: 1,
    wallClock: () => systemClock.now(),
    later: (ms, callback) => {
      const timer = systemClock.after(ms, callback);
      return () => timer.cancel();
    },
    ...options,
  });
}
