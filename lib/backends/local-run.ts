/**
 * The local cloud in the foreground: what the detached process runs. It owns its ports, its kubeconfig, its record and
 * its state, and ends on SIGTERM or SIGINT with everything written.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../kubernetes/user-error';
import { type LocalCloudServer, serveLocalCloud } from '../simulator/local-cloud-server';
import { journalFile } from './journal-file';
import { cloudFile, type LocalCloudOptions, type LocalCloudRecord } from './local-process';
import { replaceFile } from './record-file';

/** They hold credentials. */
const OWNER_ONLY = 0o600;

/** Runs until a signal ends it. Returns the exit code. */
export async function runLocalCloud(stateDirectory: string, options: LocalCloudOptions): Promise<number> {
  mkdirSync(stateDirectory, { recursive: true });
  const seed = options.seed ?? 1;
  const server = await listen(stateDirectory, options, seed);
  const { endpoint, account, region, credentials } = server;
  const record: LocalCloudRecord = {
    version: 1,
    pid: process.pid,
    endpoint,
    account,
    region,
    credentials,
    seed,
    startedBy: options.startedBy,
  };
  replaceFile(cloudFile(stateDirectory), `${JSON.stringify(record, null, 2)}\n`, OWNER_ONLY);
  process.send?.({ ready: true });
  process.stdout.write(`ready ${endpoint}\n`);
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
  });
  process.stdout.write(`stopping on ${signal}\n`);
  await server.close();
  rmSync(cloudFile(stateDirectory), { force: true });
  rmSync(join(stateDirectory, 'kubeconfig'), { force: true });
  return 0;
}

async function listen(stateDirectory: string, options: LocalCloudOptions, seed: number): Promise<LocalCloudServer> {
  try {
    return await serveLocalCloud({
      seed,
      port: options.port ?? 0,
      speed: options.speed ?? 1,
      journal: options.dataDirectory === undefined ? undefined : journalFile(options.dataDirectory),
      wallClock: () => Date.now(),
      later: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      onClusterReady: (kubeconfig) => {
        replaceFile(join(stateDirectory, 'kubeconfig'), `${JSON.stringify(kubeconfig, null, 2)}\n`, OWNER_ONLY);
      },
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new UserError(
      'PortInUse',
      `port ${options.port} of 127.0.0.1 is in use`,
      'Choose another with --port, or let drydock pick a free one with --port 0.',
    );
  }
}
