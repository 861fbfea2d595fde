/** `drydock up`: from TypeScript to a running, load-balanced, proven environment. */
import type { Command } from 'commander';
import { bringUp } from '../environment/up';
import { type CommonOptions, type Done, startBackend, stateDirectory, verb, withRenderer } from './context';
import { clusterOption, type ExistingOptions, roleOption, sourceOf } from './existing-cluster';

export function upCommand(done: Done): Command {
  return verb('up', 'deploy the CDK app and the manifests, wait until they are ready, and prove it')
    .option('--seed <number>', 'seed of a new local cloud', Number)
    .option('--manifests <folder>', 'the folder of the manifests', 'manifests')
    .addOption(clusterOption())
    .addOption(roleOption())
    .option('--timeout <duration>', 'how long objects may take to become ready, in time of the cloud', '15m')
    .option('--force-conflicts', 'take back fields that others have changed, e.g. with kubectl edit')
    .action(
      (
        options: CommonOptions &
          ExistingOptions & { seed?: number; manifests: string; timeout: string; forceConflicts?: boolean },
      ) =>
        withRenderer(options, async (renderer) => {
          const ok = await bringUp({
            ...sourceOf(options),
            stateDirectory: stateDirectory(options),
            manifestsDirectory: options.manifests,
            timeout: options.timeout,
            forceConflicts: options.forceConflicts,
            startBackend: () => startBackend(options, { seed: options.seed, startedBy: 'up' }),
            emit: (event) => renderer.show(event),
          });
          done(ok ? 0 : 1);
        }),
    );
}
