import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadManifests, readObjects } from '../../lib/manifests';
import { manifestFiles } from '../../lib/manifests/load';

const root = join(__dirname, '..', '..');
const articles = join(__dirname, 'articles');
/** Jest runs modules itself; outside of it tsx does. */
const importModule = async (file: string) => require(file);

const byName = (a: { kind: string; metadata: { name?: string } }, b: typeof a) =>
  `${a.kind}/${a.metadata.name}` < `${b.kind}/${b.metadata.name}` ? -1 : 1;

test('the example applications say the same as the YAML of the articles', async () => {
  const written = manifestFiles(articles)
    .filter((file) => !file.endsWith('wrong-api-version.yaml'))
    .flatMap((file) => readObjects(readFileSync(file, 'utf8'), file))
    .map(({ object }) => object);
  const synthesised = await loadManifests(join(root, 'manifests'), { importModule });
  expect([...synthesised].sort(byName)).toEqual([...written].sort(byName));
});

test('a program run by tsx: all its apps count, and objects know their lines in the TypeScript', () => {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-load-'));
  const source = JSON.stringify(join(root, 'lib', 'manifests'));
  writeFileSync(
    join(directory, 'app.ts'),
    `import { App, ConfigMap } from ${source};

interface Settings { readonly greeting: string }
const settings: Settings = { greeting: 'hello' };
new ConfigMap(new App(), 'one', { data: { ...settings } });
new ConfigMap(new App(), 'two');
export const plain = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'three' } }];
`,
  );
  writeFileSync(join(directory, 'four.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: four}\n');
  writeFileSync(join(directory, 'app.test.ts'), 'throw new Error("a test is no manifest");');
  const script = `
    const { loadManifests, originOf } = require(${source});
    loadManifests(${JSON.stringify(directory)}).then((objects) => {
      console.log(JSON.stringify(objects.map((o) => [o.metadata.name, originOf(o).path, originOf(o).source.line])));
    });`;
  const answer = execFileSync('node', ['--import', 'tsx', '-e', script], { cwd: root, encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  expect(JSON.parse(answer)).toEqual([
    ['one', 'ConfigMap.one', 5],
    ['two', 'ConfigMap.two', 6],
    ['three', 'app/ConfigMap.three', 1],
    ['four', 'four/ConfigMap.four', 1],
  ]);
});

test('a directory that is not there, and a file that fails, are named', async () => {
  await expect(loadManifests('no-such-directory')).rejects.toThrow('there is no directory');
  const failing = async () => {
    throw new Error('boom');
  };
  await expect(loadManifests(join(root, 'manifests'), { importModule: failing })).rejects.toThrow(
    /^manifests\/tour\/configuration\.ts failed: boom \(test\/manifests\/load\.test\.ts:\d+\)$/,
  );
});
