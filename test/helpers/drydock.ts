/** The built `drydock` command, run as a person runs it: in a folder, as a process of its own. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..', '..');
const EXECUTABLE = join(ROOT, 'bin', 'drydock.js');

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Project {
  readonly folder: string;
  drydock(...args: string[]): Promise<CommandResult>;
  /** Starts the command and does not wait for its end. */
  start(...args: string[]): {
    kill(signal: NodeJS.Signals): void;
    readonly ended: Promise<CommandResult>;
    until(text: string): Promise<void>;
  };
  /** Stops what still runs and removes the folder. */
  remove(): Promise<void>;
}

/** A folder of its own with this repository's CDK app and manifests, as a user's project would have them. */
export function makeProject(): Project {
  if (!existsSync(join(ROOT, 'dist', 'lib', 'cli', 'main.js')))
    throw new Error('dist/ is missing: run `npm run build`');
  const folder = mkdtempSync(join(tmpdir(), 'drydock-project-'));
  for (const name of ['cdk.json', 'bin', 'manifests', 'package.json', 'tsconfig.json']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  // `eks-drydock` resolves to the package itself in the repository; a project has it among its modules.
  symlinkSync(join(ROOT, 'dist'), join(folder, 'dist'));
  symlinkSync(join(ROOT, 'lib'), join(folder, 'lib'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const start = (...args: string[]) => run(folder, args);
  return {
    folder,
    start,
    drydock: (...args) => start(...args).ended,
    remove: async () => {
      await start('cloud', 'stop').ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function run(cwd: string, args: readonly string[]) {
  const { AWS_ENDPOINT_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [EXECUTABLE, ...args], { cwd, env: { ...env, NO_COLOR: '1' } });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.on('data', (data) => {
    stdout += data;
    for (const listener of listeners) listener();
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<CommandResult>((done) => {
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
  return {
    ended,
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
    until: (text: string) =>
      new Promise<void>((done, reject) => {
        const look = () => {
          if (stdout.includes(text)) done();
        };
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended before it said "${text}":\n${stdout}${stderr}`)));
      }),
  };
}
