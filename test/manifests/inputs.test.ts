import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as manifests from '../../lib/manifests';
import { App, describeFinding, includeYamlFile, readObjects, validate } from '../../lib/manifests';
import { programOf } from '../../lib/manifests/typescript/program';

const folder = join(__dirname, 'inputs');
const files = readdirSync(folder).sort();

test.each(files)('%s, as people install it, raises no alarm', (file) => {
  const app = new App();
  includeYamlFile(app, join(folder, file));
  expect(validate(app).map(describeFinding)).toEqual([]);
});

/** Runs a program that `import yaml` wrote. */
function run(program: string): App {
  const body = program.replace(/import \{[^}]*\} from 'eks-drydock\/manifests';/, '');
  const names = Object.keys(manifests);
  return new Function(...names, `${body}\nreturn app;`)(...names.map((name) => (manifests as any)[name])) as App;
}

const byIdentity = (a: { kind: string; metadata: { name?: string } }, b: typeof a) =>
  `${a.kind}/${a.metadata.name}` < `${b.kind}/${b.metadata.name}` ? -1 : 1;

test.each(files)('%s as a TypeScript program makes the same objects', (file) => {
  const objects = readObjects(readFileSync(join(folder, file), 'utf8'), file).map(({ object }) => object);
  const program = programOf(objects, file);
  expect(program).toContain('new Deployment(app, ');
  const made = JSON.parse(JSON.stringify(run(program).synth()));
  expect(made.sort(byIdentity)).toEqual([...objects].sort(byIdentity));
});

test('a program is what a person would have written', () => {
  const yaml = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop, labels: {app: web}}
data: {greeting: it's, script: "a\\n\\tb \`c\` \${d}\\n", "odd key": "tab\\t"}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: shop}
spec: {size: 1}
`;
  expect(
    programOf(
      readObjects(yaml, 'shop.yaml').map(({ object }) => object),
      'shop.yaml',
    ),
  ).toMatchSnapshot();
});
