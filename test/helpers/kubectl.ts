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

export interface Tool {
  (...args: string[]): Promise<CommandResult>;
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
}

export const kubectlFor = (options: ToolOptions): Tool => tool('kubectl', options);
export const helmFor = (options: ToolOptions): Tool => tool('helm', options);

function tool(name: 'kubectl' | 'helm', options: ToolOptions): Tool {
  const home = mkdtempSync(join(tmpdir(), `drydock-${name}-`));
  const kubeconfig = join(home, 'kubeconfig');
  writeFileSync(kubeconfig, JSON.stringify(options.kubeconfig));
  const run = (...args: string[]) =>
    runBinary(realClient(name), args, { ...options, home, kubeconfigFile: kubeconfig });
  return Object.assign(run, {
    output: async (...args: string[]) => {
      const { code, stdout, stderr } = await run(...args);
      if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
      return stdout;
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  });
}

interface Environment extends ToolOptions {
  readonly home: string;
  readonly kubeconfigFile: string;
}

function runBinary(path: string, args: readonly string[], options: Environment): Promise<CommandResult> {
  const { home, kubeconfigFile, timeoutMs = 30_000, stdin } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      cwd: home,
      env: { PATH: process.env.PATH ?? '', HOME: home, KUBECONFIG: kubeconfigFile, KUBECACHEDIR: join(home, 'cache') },
      timeout: timeoutMs,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    child.stdin.end(stdin ?? '');
  });
}
