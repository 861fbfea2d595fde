/** `drydock cdk -- deploy --all`: the real `cdk` command on the local cloud of this folder. */
import { Command } from 'commander';
import { runCdk } from '../backends/cdk-command';
import { type Done, stateDirectory } from './context';
import { findRunningCloud } from './find-cloud';

export function cdkCommand(done: Done): Command {
  return new Command('cdk')
    .description('run the real cdk command on the local cloud, with no way out of it')
    .argument('[arguments...]', 'what cdk is to do, after two dashes: -- deploy --all')
    .option('--state-dir <folder>', 'where drydock keeps its records', '.drydock')
    .action(async (args: string[], options: { stateDir: string }) => {
      const record = await findRunningCloud(options);
      done(await runCdk(record, args, process.cwd(), stateDirectory(options)));
    });
}
