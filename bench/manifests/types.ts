/**
 * What the types cost the compiler: ten lines over an empty program, and a thousand objects beside the same ones typed with
 * @kubernetes/client-node. User CPU of `tsc --noEmit` against the compiled package:
 *
 *     npm run build && node --import tsx bench/manifests/types.ts [--runs 5] [--json]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deploymentSpec, serviceSpec, settings } from './objects';

const root = join(__dirname, '..', '..');
const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' }, json: { type: 'boolean' } } });
const APPS = 334;

const literal = (value: object) => JSON.stringify(value);
const apps = (line: (i: number) => string) => Array.from({ length: APPS }, (_, i) => line(i)).join('\n');
const IMPORT = "import { App, ConfigMap, Deployment, Service } from 'eks-drydock/manifests';\nconst app = new App();\n";

const programs: Readonly<Record<string, string>> = {
  'an empty program': 'export {};\n',
  'ten lines': `${IMPORT}
const settings = new ConfigMap(app, 'settings', { data: { A: '1' } });
const web = new Deployment(app, 'web', {
  replicas: 2,
  pod: { containers: { web: { image: 'nginx', ports: { http: 80 }, env: { A: settings.key('A') } } } },
});
web.expose({ port: 80 });
new Service(app, 'other', { spec: { type: 'ExternalName', externalName: 'example.com' } });
`,
  'a thousand objects': `${IMPORT}${apps(
    (i) => `new ConfigMap(app, 'app-${i}', { data: ${literal(settings(i))} });
new Deployment(app, 'app-${i}', { spec: ${literal(deploymentSpec(i))} });
new Service(app, 'app-${i}', { spec: ${literal(serviceSpec(i))} });`,
  )}`,
  'a thousand objects of client-node': `import type { V1ConfigMap, V1Deployment, V1Service } from '@kubernetes/client-node';
export const all: object[] = [];
${apps(
  (
    i,
  ) => `const c${i}: V1ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app-${i}' }, data: ${literal(settings(i))} };
const d${i}: V1Deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'app-${i}' }, spec: ${literal(deploymentSpec(i))} };
const s${i}: V1Service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'app-${i}' }, spec: ${literal(serviceSpec(i))} };
all.push(c${i}, d${i}, s${i});`,
)}`,
};

const folder = mkdtempSync(join(tmpdir(), 'drydock-types-'));
try {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const compilerOptions = {
    target: 'es2022',
    module: 'node20',
    moduleResolution: 'nodenext',
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
    paths: { 'eks-drydock/manifests': [join(root, 'dist', 'lib', 'manifests', 'index.d.ts')] },
  };
  const medians = Object.entries(programs).map(([name, program], index) => {
    writeFileSync(join(folder, `program-${index}.ts`), program);
    writeFileSync(
      join(folder, `tsconfig-${index}.json`),
      JSON.stringify({ compilerOptions, files: [`program-${index}.ts`] }),
    );
    const times = Array.from({ length: Number(values.runs) }, () => compile(`tsconfig-${index}.json`));
    return { name, seconds: times.sort((a, b) => a - b)[Math.floor(times.length / 2)]! };
  });
  if (values.json) console.log(JSON.stringify(medians));
  else for (const { name, seconds } of medians) console.log(`${name.padEnd(36)}${seconds.toFixed(2)} s`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** User CPU, which a child adds to its parent's account of children. */
function compile(config: string): number {
  const before = childSeconds();
  const { status, stdout } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', config], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stdout);
  return childSeconds() - before;
}

/** Of all children that have ended. */
function childSeconds(): number {
  const { stdout } = spawnSync('sh', ['-c', `awk '{print $16}' /proc/${process.pid}/stat`], { encoding: 'utf8' });
  return Number(stdout) / 100;
}
