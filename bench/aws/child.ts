/** A Node process of its own, and the CPU that it and its children of Node have used. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @returns CPU milliseconds of all processes together */
export async function runChild(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-bench-'));
  const file = join(folder, 'cpu');
  const hook = `--require ${join(__dirname, 'child-cpu.cjs')}`;
  try {
    const child = spawn(process.execPath, args, {
      cwd,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        NODE_OPTIONS: hook,
        NODE_NO_WARNINGS: '1',
        BENCH_CPU_FILE: file,
        ...env,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    const code = await new Promise<number | null>((done) => child.on('close', done));
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${output}`);
    return readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .reduce((sum, line) => sum + Number(line), 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
