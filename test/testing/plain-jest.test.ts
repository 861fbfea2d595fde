/** A project with Jest and nothing else: no configuration, no transform, the package as it is published. */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'drydock-plain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('needs no configuration', async () => {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'eks-drydock'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.') && name !== 'eks-drydock')
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  copyFileSync(join(root, 'package.json'), join(modules, 'eks-drydock', 'package.json'));
  symlinkSync(join(root, 'dist'), join(modules, 'eks-drydock', 'dist'));
  writeFileSync(join(folder, 'package.json'), '{"name": "plain", "private": true}');
  writeFileSync(
    join(folder, 'shop.test.js'),
    `const { App, Deployment } = require('eks-drydock/manifests');
const { startCluster } = require('eks-drydock/testing');

test('a shop', () => {
  const app = new App({ namespace: 'default' });
  const web = new Deployment(app, 'web', { pod: { containers: { web: { image: 'nginx:1.27', ports: { http: 80 } } } } });
  web.expose();
  expect(app).toExpose('Deployment/web');
  expect(app).toHaveNoFindings();
  expect(app).toRollOutWithin('2m');
  expect(web.toObject()).toMatchSnapshot();
  const cluster = startCluster();
  cluster.apply(app);
  cluster.untilReady('2m');
  expect(cluster.request('http://web').status).toBe(200);
});
`,
  );
  const jest = join(modules, 'jest', 'bin', 'jest.js');
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stderr } = await promisify(execFile)(process.execPath, [jest, '--ci=false'], { cwd: folder, env }).catch(
    (error: { stderr: string }) => error,
  );
  expect(stderr).toContain('Tests:       1 passed, 1 total');
  expect(readFileSync(join(folder, '__snapshots__', 'shop.test.js.snap'), 'utf8')).toContain(
    'kind: Deployment\nmetadata:\n  name: web',
  );
}, 60_000);
