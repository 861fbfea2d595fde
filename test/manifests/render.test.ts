/** Charts and overlays, rendered by the real helm and the real kubectl. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import '../../lib/testing';
import { App, Chart, includeHelmChart, includeKustomization } from '../../lib/manifests';
import { realClient } from '../helpers/real-clients';

jest.setTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), 'drydock-render-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

put({
  'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.2.3\n',
  'chart/values.yaml': 'replicas: 1\n',
  'chart/crds/widgets.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {kind: Widget, plural: widgets}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`,
  'chart/templates/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "nginx:1.27"}]}}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: version-{{ .Capabilities.KubeVersion.Minor }}}
`,
  'chart/templates/test.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {name: test, annotations: {helm.sh/hook: test}}\nspec: {containers: [{name: a, image: a}]}\n',
  'base/kustomization.yaml':
    'resources: [web.yaml]\nnamePrefix: dev-\nconfigMapGenerator: [{name: settings, literals: [A=1]}]\n',
  'base/web.yaml':
    'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: ExternalName, externalName: a.b}\n',
});

test('a Helm chart is rendered with values, definitions and the namespace of its scope', () => {
  const app = new App();
  const shop = new Chart(app, 'shop', { namespace: 'shop', labels: { team: 'a' } });
  const chart = join(folder, 'chart');
  const objects = includeHelmChart(shop, {
    chart,
    release: 'front',
    values: { replicas: 3 },
    executable: realClient('helm'),
  });
  expect(objects.map(({ kind, name }) => `${kind}/${name}`).sort()).toEqual([
    'CustomResourceDefinition/widgets.example.com',
    'Deployment/front',
    'Widget/version-35',
  ]);
  expect(app).toContainObject({
    kind: 'Deployment',
    metadata: { name: 'front', namespace: 'shop', labels: { team: 'a' } },
    spec: { replicas: 3 },
  });
  expect(app.synth().find(({ kind }) => kind === 'Widget')!.metadata.namespace).toBeUndefined();
  expect(objects[0]!.origin.source!.file).toBe(join(chart, 'Chart.yaml'));
});

test('an overlay is rendered by kustomize, and can be edited like everything else', () => {
  const app = new App({ namespace: 'dev' });
  const objects = includeKustomization(app, join(folder, 'base'), { executable: realClient('kubectl') });
  expect(objects.map(({ name }) => name).sort()).toEqual([
    expect.stringMatching(/^dev-settings-[a-z0-9]{10}$/),
    'dev-web',
  ]);
  expect(app).toContainObject({ kind: 'Service', metadata: { name: 'dev-web', namespace: 'dev' } });
});

test('what a tool cannot render is told in its own words', () => {
  const app = new App();
  expect(() => includeHelmChart(app, { chart: join(folder, 'none'), executable: realClient('helm') })).toThrow(
    /cannot render chart .*none: .*not found/,
  );
  expect(() => includeKustomization(app, folder, { executable: realClient('kubectl') })).toThrow(
    /unable to find one of 'kustomization\.yaml'/,
  );
  expect(() => includeHelmChart(app, { chart: 'x', executable: 'no-such-helm' })).toThrow(
    'there is no no-such-helm on the PATH',
  );
});
