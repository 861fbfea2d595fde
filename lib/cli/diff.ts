/** `drydock diff`: what `up` would change. Exit code 0 when nothing, 2 when something. */
import type { Command } from 'commander';
import { formatPlan } from '../apply';
import { readDiff } from '../environment/diff';
import { type CommonOptions, type Done, startBackend, verb } from './context';
import { clusterOption, type ExistingOptions, roleOption, sourceOf } from './existing-cluster';

/** As `terraform plan -detailed-exitcode`: neither success with nothing to do nor a failure. */
const DIFFERENT = 2;

export function diffCommand(done: Done): Command {
  return verb('diff', 'show what `up` would change; exit code 2 when there is something')
    .option('--manifests <folder>', 'the folder of the manifests', 'manifests')
    .addOption(clusterOption())
    .addOption(roleOption())
    .action(async (options: CommonOptions & ExistingOptions & { manifests: string }) => {
      const { backend } = await startBackend(options, { startedBy: 'up' });
      const diff = await readDiff(backend, sourceOf(options), options.manifests);
      const lines = [...diff.stacks].map(([name, text]) => `~ stack/${name}  ${text}`);
      lines.push(
        diff.objects ? formatPlan(diff.objects) : 'the cluster does not exist yet: every object would be created',
      );
      process.stdout.write(`${lines.join('\n')}\n`);
      done(diff.different ? DIFFERENT : 0);
    });
}
