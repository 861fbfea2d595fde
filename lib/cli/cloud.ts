/** `drydock cloud`: the local cloud alone - an AWS endpoint and the clusters that are made in it. */
import { Command, InvalidArgumentError } from 'commander';
import { cloudStatus, type ListenerUrls } from '../backends/local';
import { findLocalCloud, type LocalCloudOptions, startLocalCloud, stopLocalCloud } from '../backends/local-process';
import { runLocalCloud } from '../backends/local-run';
import { UserError } from '../kubernetes/user-error';
import { type Done, stateDirectory } from './context';
import { envCommand } from './env';
import { findRunningCloud } from './find-cloud';

interface StartOptions {
  readonly stateDir: string;
  readonly port: number;
  readonly dataDir?: string;
  readonly speed: number;
  readonly seed: number;
  readonly foreground?: boolean;
  readonly startedBy: 'up' | 'cloud';
}

export function cloudCommand(done: Done): Command {
  const command = new Command('cloud').description('start and stop the local cloud by itself');
  command
    .command('start')
    .description('start the local cloud of this folder')
    .option('--port <port>', 'port of the AWS endpoint; 0 picks a free one', wholeNumber, 0)
    .option('--data-dir <folder>', 'keep the state of the cloud here, across restarts')
    .option('--speed <factor>', 'virtual seconds per second', positiveNumber, 1)
    .option('--seed <number>', 'drives every choice of the simulation', wholeNumber, 1)
    .option('--foreground', 'stay in the foreground')
    .option('--state-dir <folder>', 'where drydock keeps its records', '.drydock')
    .option('--started-by <who>', 'up or cloud', 'cloud')
    .action((options: StartOptions) => start(options, done));
  command
    .command('stop')
    .description('stop the local cloud of this folder; what ran in it is gone')
    .option('--state-dir <folder>', 'where drydock keeps its records', '.drydock')
    .action(async (options: { stateDir: string }) => {
      const stopped = await stopLocalCloud(stateDirectory(options));
      process.stdout.write(stopped ? 'local cloud stopped\n' : 'no local cloud was running\n');
    });
  command
    .command('status')
    .description('show the local cloud of this folder')
    .option('--state-dir <folder>', 'where drydock keeps its records', '.drydock')
    .action(status);
  command.addCommand(envCommand());
  return command;
}

async function start(options: StartOptions, done: Done): Promise<void> {
  const directory = stateDirectory(options);
  const running = await findLocalCloud(directory);
  if (running) {
    throw new UserError(
      'CloudRunning',
      `a local cloud is running already, at ${running.endpoint} (pid ${running.pid})`,
      'Use it (`drydock env`), or stop it first (`drydock cloud stop`).',
    );
  }
  const cloud: LocalCloudOptions = {
    port: options.port,
    dataDirectory: options.dataDir,
    speed: options.speed,
    seed: options.seed,
    startedBy: options.startedBy,
  };
  if (options.foreground) {
    done(await runLocalCloud(directory, cloud));
    return;
  }
  const record = await startLocalCloud(directory, cloud);
  process.stdout.write(
    `local cloud ready at ${record.endpoint} (pid ${record.pid}, account ${record.account}, ${record.region})\n`,
  );
  process.stdout.write('  point AWS tools at it with: eval "$(npx drydock env)"\n');
}

async function status(options: { stateDir: string }): Promise<void> {
  const record = await findRunningCloud(options);
  const now = await cloudStatus(record);
  const lines = [
    `local cloud   ${record.endpoint}   pid ${record.pid}`,
    `account       ${record.account}   ${record.region}   seed ${record.seed}`,
    `virtual time  ${new Date(now.now).toISOString()}   speed ${now.speed}`,
    ...now.clusters.map((cluster) => `cluster       ${cluster.name}   ${cluster.server}`),
    ...addresses('load balancer', now.loadBalancers),
    ...addresses('service', now.services),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function addresses(what: string, named: readonly ListenerUrls[]): string[] {
  return named.flatMap(({ dnsName, listeners }) =>
    listeners.map(({ port, url }) => `${what.padEnd(13)} ${dnsName}:${port}   ${url}`),
  );
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

function positiveNumber(text: string): number {
  if (Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It must be a number greater than 0.');
}
