/**
 * The local cloud as a process: one detached process per project, found again through `.drydock/cloud.json`, which it
 * writes itself when it is ready and removes when it stops. It listens on the loopback interface only.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../kubernetes/user-error';
import type { AwsCredentials } from './eks-token';
import { readRecordFile } from './record-file';

/** What a running local cloud says of itself. */
export interface LocalCloudRecord {
  readonly version: 1;
  readonly pid: number;
  /** `http://127.0.0.1:<port>`: the endpoint of every AWS service, and of `/_drydock`. */
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  /** Worthless everywhere but here. */
  readonly credentials: AwsCredentials;
  readonly seed: number;
  /** Started by `drydock up` (and stopped by `down`) or by `drydock cloud start`. */
  readonly startedBy: 'up' | 'cloud';
}

export interface LocalCloudOptions {
  /** 0 picks a free one. @default 0 */
  readonly port?: number;
  /** Keep the state of the cloud here, across restarts. @default in memory only */
  readonly dataDirectory?: string;
  /** Virtual seconds per wall second while outside clients are attached. @default 1 */
  readonly speed?: number;
  /** @default 1 */
  readonly seed?: number;
  readonly startedBy: 'up' | 'cloud';
}

/** A process that was killed takes a moment to be gone. */
const DYING_MS = 2_000;

export const cloudFile = (stateDirectory: string): string => join(stateDirectory, 'cloud.json');
export const logFile = (stateDirectory: string): string => join(stateDirectory, 'cloud.log');

/** The running cloud of this project; undefined when there is none (a record of a dead process is removed). */
export async function findLocalCloud(stateDirectory: string): Promise<LocalCloudRecord | undefined> {
  const record = readRecord(stateDirectory);
  if (!record) return undefined;
  if (await answers(record)) return record;
  if (await isGone(record.pid, DYING_MS)) {
    rmSync(cloudFile(stateDirectory), { force: true });
    return undefined;
  }
  throw new UserError(
    'CloudNotAnswering',
    `the local cloud (pid ${record.pid}) does not answer at ${record.endpoint}`,
    `Look at ${logFile(stateDirectory)}; \`drydock cloud stop\` ends it.`,
  );
}

/** Starts a detached local cloud and returns when it answers. @throws UserError with the end of its log otherwise. */
export async function startLocalCloud(stateDirectory: string, options: LocalCloudOptions): Promise<LocalCloudRecord> {
  mkdirSync(stateDirectory, { recursive: true });
  const log = openSync(logFile(stateDirectory), 'w');
  const args = ['cloud', 'start', '--foreground', '--state-dir', stateDirectory, '--started-by', options.startedBy];
  if (options.port) args.push('--port', String(options.port));
  if (options.dataDirectory) args.push('--data-dir', options.dataDirectory);
  if (options.speed !== undefined) args.push('--speed', String(options.speed));
  if (options.seed !== undefined) args.push('--seed', String(options.seed));
  const child = spawn(process.execPath, [executable(), ...args], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  await untilReady(child, stateDirectory);
  child.disconnect();
  child.unref();
  const record = readRecord(stateDirectory);
  if (!record) throw new Error('the local cloud said that it is ready but left no record');
  return record;
}

/** Asks the cloud to stop and waits until it is gone. False when none was running. */
export async function stopLocalCloud(stateDirectory: string): Promise<boolean> {
  const record = readRecord(stateDirectory);
  if (!record || !isAlive(record.pid)) {
    rmSync(cloudFile(stateDirectory), { force: true });
    return false;
  }
  process.kill(record.pid, 'SIGTERM');
  if (!(await isGone(record.pid, 5_000))) process.kill(record.pid, 'SIGKILL');
  rmSync(cloudFile(stateDirectory), { force: true });
  return true;
}

/** The command of this package, wherever it is installed. */
function executable(): string {
  return join(dirname(require.resolve('eks-drydock/package.json')), 'bin', 'drydock.js');
}

function untilReady(child: ChildProcess, stateDirectory: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('error', reject);
    child.once('exit', () => {
      const lines = readFileSync(logFile(stateDirectory), 'utf8').trim().split('\n');
      reject(new UserError('CloudDidNotStart', `the local cloud did not start: ${lines.slice(-3).join('\n')}`));
    });
  });
}

function readRecord(stateDirectory: string): LocalCloudRecord | undefined {
  const file = cloudFile(stateDirectory);
  return readRecordFile<LocalCloudRecord>(
    file,
    (record) => record.version === 1 && typeof record.pid === 'number' && typeof record.endpoint === 'string',
    () =>
      new UserError(
        'CorruptState',
        `${file} is not the record of a local cloud`,
        `Nothing was changed. Stop the cloud if one is running (pgrep -f "cloud start"), then move the file away: mv ${file} ${file}.broken`,
      ),
  );
}

async function answers(record: LocalCloudRecord): Promise<boolean> {
  try {
    const response = await fetch(`${record.endpoint}/_drydock/health`, { signal: AbortSignal.timeout(5_000) });
    return response.ok && ((await response.json()) as { account?: string }).account === record.account;
  } catch {
    return false;
  }
}

/** Whether the process has ended, within so many milliseconds. */
async function isGone(pid: number, withinMs: number): Promise<boolean> {
  for (let waited = 0; isAlive(pid); waited += 20) {
    if (waited >= withinMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
