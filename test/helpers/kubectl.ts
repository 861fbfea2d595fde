/**
 * The real kubectl and helm, run beside the test with a home of their own (never synchronously: the server they talk to may
 * live in this very process).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClient } from './real-clients';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that goes on until it is stopped. */
export interface RunningTool {
  /** Everything it has written, once the text is in it. @throws Error when it ends without */
  shows(text: string | RegExp): Promise<string>;
  /** Types into it. */
  type(text: string): void;
  /** Closes its standard input. */
  endInput(): void;
  readonly result: Promise<CommandResult>;
  stop(): Promise<CommandResult>;
}

export interface Tool {
  (...args: string[]): Promise<CommandResult>;
  /** The same client, given something to read, or other variables. */
  with(options: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> }): Tool;
  start(...args: string[]): RunningTool;
  /** What it printed. @throws Error with everything it said, when it failed */
  output(...args: string[]): Promise<string>;
  /** Its own home directory is removed. */
  remove(): void;
}

export interface ToolOptions {
  readonly kubeconfig: object;
  /** @default 30 s */
  readonly timeoutMs?: number;
  readonly stdin?: string;
  /** Besides the few that it needs. */
  readonly env?: Readonly<Record<string, string>>;
}

export const kubectlFor = (options: ToolOptions): Tool => tool('kubectl', options);
export const helmFor = (options: ToolOptions): Tool => tool('helm', options);

function tool(name: 'kubectl' | 'helm', options: ToolOptions): Tool {
  const home = mkdtempSync(join(tmpdir(), `drydock-${name}-`));
  const kubeconfig = join(home, 'kubeconfig');
  writeFileSync(kubeconfig, JSON.stringify(options.kubeconfig));
  return toolIn(name, { ...options, home, kubeconfigFile: kubeconfig });
}

function toolIn(name: 'kubectl' | 'helm', environment: Environment): Tool {
  const run = (...args: string[]) => {
    const running = startBinary(realClient(name), args, environment);
    running.type(environment.stdin ?? '');
    running.endInput();
    return running.result;
  };
  return Object.assign(run, {
    output: async (...args: string[]) => {
      const { code, stdout, stderr } = await run(...args);
      if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
      return stdout;
    },
    with: (more: Partial<ToolOptions>) => toolIn(name, { ...environment, ...more }),
    start: (...args: string[]) => startBinary(realClient(name), args, environment),
    remove: () => rmSync(environment.home, { recursive: true, force: true }),
  });
}

interface Environment extends ToolOptions {
  readonly home: string;
  readonly kubeconfigFile: string;
}

function startBinary(path: string, args: readonly string[], options: Environment): RunningTool {
  const { home, kubeconfigFile, timeoutMs = 30_000, env = {} } = options;
  const child = spawn(path, args, {
    cwd: home,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: home,
      KUBECONFIG: kubeconfigFile,
      KUBECACHEDIR: join(home, 'cache'),
      ...env,
    },
    timeout: timeoutMs,
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  const heard = () => {
    for (const listener of [...listeners]) listener();
  };
  child.stdout.on('data', (data) => {
    stdout += data;
    heard();
  });
  child.stderr.on('data', (data) => {
    stderr += data;
    heard();
  });
  // A command that does not read its input closes it early.
  child.stdin.on('error', () => {});
  let over = false;
  const result = new Promise<CommandResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      over = true;
      resolve({ code: code ?? -1, stdout, stderr });
      heard();
    });
  });
  return {
    result,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const all = stdout + stderr;
          const isThere = typeof text === 'string' ? all.includes(text) : text.test(all);
          if (!isThere && !over) return;
          listeners.delete(look);
          if (isThere) resolve(all);
          else reject(new Error(`ended without "${text}":\n${all}`));
        };
        listeners.add(look);
        look();
      }),
    type: (text) => void child.stdin.write(text),
    endInput: () => void child.stdin.end(),
    stop: () => {
      child.kill('SIGTERM');
      return result;
    },
  };
}
