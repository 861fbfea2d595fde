/**
 * Runs a bench by name:
 *
 *     npm run bench -- api|cluster|scheduling|manifests|types|aws [--json] [options of the bench]
 *
 * The simulator is measured as it is shipped: compiled, in a process of its own. `manifests`, `types` and `aws` compare with
 * peers, and need `npm run build` first.
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
/** Several scripts are run one after the other, each in a process of its own. */
const DIRECT: Readonly<Record<string, readonly string[]>> = {
  manifests: ['manifests/run'],
  types: ['manifests/types'],
  aws: ['aws/synthesis', 'aws/environment', 'aws/deploy'],
};

const [name = '', ...args] = process.argv.slice(2);
if (name in COMPILED) process.exitCode = compileAndRun(COMPILED[name]!);
else if (name in DIRECT) process.exitCode = runEach(DIRECT[name]!);
else {
  process.stderr.write(
    `no bench "${name}"; there are ${[...Object.keys(COMPILED), ...Object.keys(DIRECT)].join(', ')}\n`,
  );
  process.exitCode = 2;
}

function node(...argv: string[]): number {
  return spawnSync('node', argv, { stdio: 'inherit' }).status ?? 1;
}

function runEach(scripts: readonly string[]): number {
  const run = (script: string) =>
    node('--import', 'tsx', '--conditions=drydock-source', join(__dirname, `${script}.ts`), ...args);
  return Math.max(...scripts.map(run));
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
