/** The verbs about manifests, as a person types them: lint, synth into files, import from YAML and from definitions. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeProject, type Project } from '../helpers/drydock';

jest.setTimeout(60_000);

const inputs = join(__dirname, '..', 'manifests', 'inputs');
let project: Project;
beforeAll(() => {
  project = makeProject();
  rmSync(join(project.folder, 'manifests'), { recursive: true });
  mkdirSync(join(project.folder, 'manifests'));
});
afterAll(() => project.remove());

const put = (name: string, text: string) => writeFileSync(join(project.folder, name), text);
const get = (name: string) => readFileSync(join(project.folder, name), 'utf8');

const SHOP = `
import { App, Chart, ConfigMap, Deployment } from 'eks-drydock/manifests';
const app = new App();
const shop = new Chart(app, 'shop', { namespace: 'default' });
const settings = new ConfigMap(shop, 'settings', { data: { URL: 'http://x' } });
const web = new Deployment(shop, 'web', {
  pod: { containers: { web: { image: 'nginx', ports: { http: 80 }, env: { URL: settings.key('URL') } } } },
});
web.expose();
`;

test('lint tells people, programs and code hosts what is wrong, and where', async () => {
  put(
    'manifests/shop.ts',
    `${SHOP}web.expose({ name: 'other', selector: {} } as never).patch({ spec: { selector: { app: 'wbe' } } });\n`,
  );
  const people = await project.drydock('lint');
  expect(people.code).toBe(1);
  expect(people.stdout).toContain('error: Service "other" in namespace "default": the selector matches no Pod');
  expect(people.stdout).toMatch(
    /\n {2}at shop\/Deployment\.web\/Service\.other \(manifests\/shop\.ts:\d+\)\n {2}fix: /,
  );
  expect(people.stdout).toContain('[latest-image]');
  expect(people.stdout).toMatch(/4 objects: 1 error, \d pieces of advice\n$/);

  const json = JSON.parse((await project.drydock('lint', '--format', 'json', '--no-advice')).stdout);
  expect(json).toEqual([expect.objectContaining({ rule: 'service-selects-nothing', severity: 'error' })]);

  const sarif = JSON.parse((await project.drydock('lint', '--format', 'sarif')).stdout);
  expect(sarif.version).toBe('2.1.0');
  const [result] = sarif.runs[0].results;
  expect(result.locations[0].physicalLocation.artifactLocation.uri).toBe('manifests/shop.ts');

  put('manifests/shop.ts', SHOP);
  expect((await project.drydock('lint')).code).toBe(0);
});

test('synth writes files, takes those of objects that are gone away, and leaves the files of others alone', async () => {
  put('manifests/shop.ts', SHOP);
  await project.drydock('synth', '--output', 'out', '--per', 'object');
  const files = () =>
    readdirSync(join(project.folder, 'out'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name).slice(join(project.folder, 'out').length + 1))
      .sort();
  expect(files()).toEqual(
    ['ConfigMap.settings', 'Deployment.web', 'Service.web'].map((name) => `shop/default/${name}.yaml`),
  );
  expect(get('out/shop/default/ConfigMap.settings.yaml')).toMatch(/^apiVersion: v1\nkind: ConfigMap\n/);
  await project.drydock('synth', '--output', 'out', '--format', 'json');
  expect(files()).toEqual(['shop.json']);
  expect(JSON.parse(get('out/shop.json')).items).toHaveLength(3);
  put('out/shop.yaml', 'mine');
  const { code, stderr } = await project.drydock('synth', '--output', 'out');
  expect(code).toBe(1);
  expect(stderr).toContain('out/shop.yaml is there already, and was not written by drydock synth');
  expect(get('out/shop.yaml')).toBe('mine');
});

test('what import writes is TypeScript that compiles, and definitions give types to custom resources', async () => {
  rmSync(join(project.folder, 'manifests', 'shop.ts'), { force: true });
  for (const name of ['delivery', 'certificates', 'boutique']) {
    const { code, stderr } = await project.drydock(
      'import',
      'yaml',
      join(inputs, `${name}.yaml`),
      '--output',
      `manifests/${name}.ts`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: `wrote manifests/${name}.ts\n` });
  }
  await project.drydock('import', 'crd', join(inputs, 'delivery.yaml'), '--output', 'crds.ts');
  await project.drydock('import', 'crd', join(inputs, 'certificates.yaml'), '--output', 'certs.ts');
  expect(get('crds.ts').replace(/^.*\n/, '')).toMatchSnapshot();
  put(
    'user.ts',
    `import { App } from 'eks-drydock/manifests';
import { Release } from './crds';
import { Certificate, Issuer } from './certs';
const app = new App();
new Issuer(app, 'self', { spec: { selfSigned: {} } });
new Certificate(app, 'web', { spec: { secretName: 'web', issuerRef: { name: 'self' } } }).edit(({ spec }) => { spec!.dnsNames = ['a.b']; });
new Release(app, 'ok', { spec: { source: { repository: 'https://x' }, destination: {}, policy: 'Manual', retries: '10%' } });
// @ts-expect-error a word that is not in the set
new Release(app, 'no', { spec: { source: { repository: 'https://x' }, destination: {}, policy: 'Sometimes' } });
// @ts-expect-error a required field is missing
new Release(app, 'no', { spec: { source: {}, destination: {} } });
// @ts-expect-error a misspelt field
new Certificate(app, 'no', { spec: { secretName: 'web', issuerRef: { name: 'self' }, dnsname: [] } });
`,
  );
  put('tsconfig.json', JSON.stringify({ extends: join(project.folder, 'base.json'), include: ['*.ts', 'manifests'] }));
  put('base.json', readFileSync(join(__dirname, '..', '..', 'tsconfig.json'), 'utf8'));
  const tsc = join(__dirname, '..', '..', 'node_modules', '.bin', 'tsc');
  const { stdout } = await promisify(execFile)(tsc, ['--noEmit', '-p', project.folder], { cwd: project.folder }).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
  const { code } = await project.drydock('synth');
  expect(code).toBe(0);
  const again = await project.drydock(
    'import',
    'yaml',
    join(inputs, 'boutique.yaml'),
    '--output',
    'manifests/boutique.ts',
  );
  expect(again.stderr).toContain('manifests/boutique.ts is there already');
});
