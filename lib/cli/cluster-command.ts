/**
 * `drydock cluster`: a bare simulated Kubernetes cluster in the foreground, for anybody's tests in any language. It says
 * `ready https://127.0.0.1:6443` when it can be used, and ends with 0 on SIGTERM or SIGINT.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../clock';
import type { UserInfo } from '../kubernetes/kinds';
import { UserError } from '../kubernetes/user-error';
import { parseTokenFile } from '../simulator/cluster/api-server/auth/token-file';
import type { NodeGroupSpec } from '../simulator/cluster/autoscaler/machine-groups';
import { type RunningCluster, startCluster } from '../simulator/cluster/serve-cluster';

export interface ClusterCommandOptions {
  readonly port: number;
  readonly kubeconfig?: string;
  readonly http?: boolean;
  readonly tokenFile?: string;
  readonly nodes: number;
  /** @default none */
  readonly nodeGroup?: readonly NodeGroupSpec[];
  readonly speed: number;
  /** `--no-controllers` makes it false. */
  readonly controllers: boolean;
  readonly serviceCidr: string;
  readonly seed: number;
}

export function clusterCommand(): Command {
  return new Command('cluster')
    .description('run a bare simulated Kubernetes cluster in the foreground')
    .option('--port <port>', 'the port to listen on, 0 for any free one', wholeNumber, 6443)
    .option('--kubeconfig <file>', 'write a kubeconfig for the cluster administrator to this file')
    .option('--http', 'serve plain HTTP instead of HTTPS')
    .option('--token-file <file>', 'users, as kube-apiserver reads them: token,user,uid,"group1,group2"')
    .option('--nodes <count>', 'how many nodes the cluster has', wholeNumber, 3)
    .option(
      '--node-group <sizes>',
      'machines that come and go with the load: name=web,min=0,max=5[,type=m5.large][,start=60s]; may be repeated',
      (text: string, before: readonly NodeGroupSpec[]) => [...before, nodeGroup(text)],
      [] as readonly NodeGroupSpec[],
    )
    .option('--speed <factor>', 'virtual seconds per second', positiveNumber, 1)
    .option('--no-controllers', 'the API server alone: no controllers, scheduler, kubelets and nodes')
    .option('--service-cidr <cidr>', 'where cluster IPs come from', cidr, '10.100.0.0/16')
    .option('--seed <number>', 'the seed of every choice', wholeNumber, 1)
    .action(async (options: ClusterCommandOptions) => {
      const cluster = await runCluster(options);
      // Whoever reads "ready" may send the signal at once, so somebody must be listening by then.
      const stopped = new Promise<void>((resolve) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
      });
      process.stdout.write(`ready ${cluster.url}\n`);
      await stopped;
      await cluster.close();
    });
}

/** Starts what the command line asks for. @throws UserError */
export async function runCluster(options: ClusterCommandOptions): Promise<RunningCluster> {
  const cluster = await startCluster({
    port: options.port,
    http: options.http ?? false,
    users: options.tokenFile === undefined ? new Map<string, UserInfo>() : readTokens(options.tokenFile),
    nodes: options.nodes,
    nodeGroups: options.nodeGroup ?? [],
    speed: options.speed,
    controllers: options.controllers,
    serviceCidr: options.serviceCidr,
    seed: options.seed,
    wallClock: () => systemClock.now(),
    later: (ms, callback) => {
      const timer = systemClock.after(ms, callback);
      return () => timer.cancel();
    },
  });
  if (options.kubeconfig !== undefined) {
    try {
      writeFileSync(options.kubeconfig, `${JSON.stringify(cluster.kubeconfig, undefined, 2)}\n`, { mode: 0o600 });
    } catch (error) {
      await cluster.close();
      throw fileError('CannotWriteKubeconfig', options.kubeconfig, error, 'Name a file that can be written.');
    }
  }
  return cluster;
}

function readTokens(file: string): ReadonlyMap<string, UserInfo> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError('BadTokenFile', file, error, 'Name a readable file with --token-file.');
  }
  return parseTokenFile(text, file);
}

function fileError(code: string, file: string, error: unknown, hint: string): UserError {
  const why =
    (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file or directory' : (error as Error).message;
  return new UserError(code, `${file}: ${why}`, hint);
}

const GROUP_FORM = 'It must look like name=web,min=0,max=5,type=m5.large,start=60s.';

function nodeGroup(text: string): NodeGroupSpec {
  const { name, min, max, type, start, ...unknown } = Object.fromEntries(
    text.split(',').map((part) => part.split('=') as [string, string | undefined]),
  );
  const sizes = [min ?? '0', max ?? ''];
  const isComplete = name && sizes.every((size) => /^\d+$/.test(size));
  if (!isComplete || Object.keys(unknown).length > 0) throw new InvalidArgumentError(GROUP_FORM);
  return {
    name,
    minSize: Number(sizes[0]),
    maxSize: Number(sizes[1]),
    ...(type ? { instanceType: type } : {}),
    ...(start ? { startTime: start } : {}),
  };
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function positiveNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return number;
}

function cidr(text: string): string {
  if (!/^\d+(\.\d+){3}\/\d+$/.test(text)) throw new InvalidArgumentError('It must look like 10.100.0.0/16.');
  return text;
}
