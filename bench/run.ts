/**
 * Runs a bench by name:
 *
 *     npm run bench -- api|cluster|scheduling|manifests|types [--json] [options of the bench]
 *
 * The simulator is measured as it is shipped: compiled, in a process of its own. `manifests` and `types` compare with peers,
 * and need `npm run build` first.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const COMPILED: Readonly<Record<string, string>> = {
  api: 'api/run',
  cluster: 'cluster/run',
  scheduling: 'cluster/scheduling',
};
const DIRECT: Readonly<Record<string, string>> = { manifests: 'manifests/run', types: 'manifests/types' };

const [name = '', ...args] = process.argv.slice(2);
if (name in COMPILED) process.exitCode = compileAndRun(COMPILED[name]!);
else if (name in DIRECT) process.exitCode = node('--import', 'tsx', join(__dirname, `${DIRECT[name]}.ts`), ...args);
else {
  process.stderr.write(
    `no bench "${name}"; there are ${[...Object.keys(COMPILED), ...Object.keys(DIRECT)].join(', ')}\n`,
  );
  process.exitCode = 2;
}

function node(...argv: string[]): number {
  return spawnSync('node', argv, { stdio: 'inherit' }).status ?? 1;
}

function compileAndRun(script: string): number {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-bench-'));
  try {
    const config = join(directory, 'tsconfig.json');
    const types = join(ROOT, 'node_modules/@types');
    const compilerOptions = { outDir: directory, rootDir: ROOT, declaration: false, typeRoots: [types] };
    const include = ['lib', 'bench/api', 'bench/cluster', 'bench/measure.ts'].map((path) => join(ROOT, path));
    writeFileSync(config, JSON.stringify({ extends: join(ROOT, 'tsconfig.build.json'), compilerOptions, include }));
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    const compiled = node(join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', config);
    if (compiled !== 0) return compiled;
    return node('--expose-gc', join(directory, 'bench', `${script}.js`), ...args);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
