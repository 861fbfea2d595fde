/** `drydock down`: remove everything, and prove that nothing is left. */
import type { Command } from 'commander';
import { findLocalCloud, stopLocalCloud } from '../backends/local-process';
import { takeDown } from '../environment/down';
import { type CommonOptions, type Done, findBackend, stateDirectory, verb, withRenderer } from './context';

export function downCommand(done: Done): Command {
  return verb('down', 'delete the objects and the stacks, and check that nothing is left').action(
    (options: CommonOptions) =>
      withRenderer(options, async (renderer) => {
        const directory = stateDirectory(options);
        const ok = await takeDown({
          projectDirectory: process.cwd(),
          stateDirectory: directory,
          findBackend: () => findBackend(options),
          stopBackend: async () => {
            const cloud = options.backend === 'local' ? await findLocalCloud(directory) : undefined;
            // A cloud that somebody started by itself is theirs to stop.
            return cloud?.startedBy === 'up' && (await stopLocalCloud(directory));
          },
          emit: (event) => renderer.show(event),
        });
        done(ok ? 0 : 1);
      }),
  );
}
