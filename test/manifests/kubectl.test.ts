/** The real kubectl reads what our writer writes, and our reader reads YAML as kubectl does. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeYaml } from '../../lib/manifests';
import { readDocuments } from '../../lib/manifests/yaml-reader';
import { realClient } from '../helpers/real-clients';
import { awkwardStrings } from './awkward-strings';

const directory = mkdtempSync(join(tmpdir(), 'drydock-kubectl-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What kubectl understands, without a cluster. */
function kubectl(yaml: string): any {
  const file = join(directory, 'in.yaml');
  writeFileSync(file, yaml);
  const args = ['annotate', '--local', '-f', file, '-o', 'json', 'a=b'];
  return JSON.parse(execFileSync(realClient('kubectl'), args, { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: 'pipe' }));
}

test(`none of ${awkwardStrings.length} awkward strings is changed on the way through kubectl, as value, item or key`, () => {
  const data = Object.fromEntries(awkwardStrings.map((text, index) => [`k${index}`, text]));
  const values = kubectl(writeYaml([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data }])).data;
  expect(awkwardStrings.filter((text, index) => values[`k${index}`] !== text)).toEqual([]);

  const keys = Object.fromEntries(awkwardStrings.map((text) => [text, 'x']));
  const read = kubectl(writeYaml([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: keys }])).data;
  expect(awkwardStrings.filter((text) => read[text] !== 'x')).toEqual([]);

  const containers = [{ name: 'x', command: awkwardStrings }];
  const pod = kubectl(writeYaml([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers } }]));
  expect(pod.spec.containers[0].command).toEqual(awkwardStrings);
});

test('a plain scalar means to our reader what it means to kubectl', () => {
  // What only one of the two takes for YAML at all is another matter: anchors, tags and brackets that nobody closes.
  const scalars = awkwardStrings.filter((text) => /^[-+.~\w][-+.:/\w]*$/.test(text) && !/^-+$|:$/.test(text));
  const data = scalars
    .map((text, index) => `  k${index}: ${text}\n`)
    .filter((line) => !/\.(?:inf|nan)$/i.test(line.trim()));
  const yaml = `apiVersion: apps/v1\nkind: ControllerRevision\nmetadata: {name: x}\nrevision: 1\ndata:\n${data.join('')}`;
  expect(data.length).toBeGreaterThan(250);
  expect((readDocuments(yaml, 'x.yaml')[0]!.value as { data: object }).data).toEqual(kubectl(yaml).data);
});
