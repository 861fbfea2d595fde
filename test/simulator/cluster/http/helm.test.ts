/** The real helm against a served cluster: a small chart of our own comes, changes and goes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningCluster } from '../../../../lib/simulator/cluster/serve-cluster';
import { helmFor, type Tool } from '../../../helpers/kubectl';
import { serveCluster } from '../../../helpers/served-cluster';

jest.setTimeout(90_000);

const chart = mkdtempSync(join(tmpdir(), 'drydock-chart-'));
mkdirSync(join(chart, 'templates'));
writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: web\nversion: 0.1.0\n');
writeFileSync(join(chart, 'values.yaml'), 'replicas: 1\n');
writeFileSync(
  join(chart, 'templates', 'web.yaml'),
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: 'nginx:1.27'}]}
`,
);
writeFileSync(
  join(chart, 'templates', 'hooks.yaml'),
  `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-migrate
  annotations: {helm.sh/hook: 'pre-install,pre-upgrade', helm.sh/hook-delete-policy: before-hook-creation}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: main, image: busybox, command: ['true']}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations: {helm.sh/hook: test}
spec: {restartPolicy: Never, containers: [{name: main, image: busybox, command: [sh, -c, 'echo it works']}]}
`,
);
mkdirSync(join(chart, 'crds'));
writeFileSync(
  join(chart, 'crds', 'gadgets.yaml'),
  `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: gadgets, singular: gadget, kind: Gadget}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`,
);
afterAll(() => rmSync(chart, { recursive: true, force: true }));

describe.each([
  ['server side', 'true'],
  ['client side', 'false'],
])('%s', (_how, serverSide) => {
  let cluster: RunningCluster;
  let helm: Tool;
  const deployment = () => cluster.cluster.store.get('deployments.apps', 'default', 'web');
  const options = [`--server-side=${serverSide}`, '--wait', '--timeout', '30s'];

  beforeAll(async () => {
    cluster = await serveCluster();
    helm = helmFor({ kubeconfig: cluster.kubeconfig, timeoutMs: 60_000 });
  });
  afterAll(async () => {
    await cluster.close();
    helm.remove();
  });

  test('install waits for hooks, definitions and Pods', async () => {
    expect(await helm.output('install', 'web', chart, ...options)).toContain('STATUS: deployed');
    expect(deployment()!.status.availableReplicas).toBe(1);
    const manager = deployment()!.metadata.managedFields!.find((each) => each.manager === 'helm')!;
    expect(manager.operation).toBe(serverSide === 'true' ? 'Apply' : 'Update');
    expect((await helm('install', 'web', chart)).stderr).toContain('cannot reuse a name that is still in use');
  });

  test('upgrade changes, rollback changes back', async () => {
    await helm.output('upgrade', 'web', chart, '--set', 'replicas=3', ...options);
    expect(deployment()!.spec.replicas).toBe(3);
    await helm.output('rollback', 'web', '1', ...options);
    expect(deployment()!.spec.replicas).toBe(1);
    expect(await helm.output('upgrade', '--install', 'web', chart, '--set', 'replicas=2', ...options)).toContain(
      'REVISION: 4',
    );
  });

  test('list, history, status and get tell of it', async () => {
    expect(await helm.output('list')).toMatch(/web\s+default\s+4\s.*deployed\s+web-0\.1\.0/);
    expect(await helm.output('history', 'web')).toMatch(
      /1 .*superseded[\s\S]*3 .*superseded[\s\S]*Rollback to 1\s+4 .*deployed/,
    );
    expect(await helm.output('status', 'web')).toMatch(/STATUS: deployed[\s\S]*v1\/Pod\(related\)/);
    expect(await helm.output('get', 'values', 'web')).toContain('replicas: 2');
    expect(await helm.output('get', 'manifest', 'web')).toContain('kind: Deployment');
    expect(await helm.output('get', 'hooks', 'web')).toContain('web-migrate');
  });

  test('test runs its Pod', async () => {
    const text = await helm.output('test', 'web', '--logs', '--timeout', '30s');
    expect(text).toMatch(/TEST SUITE: +web-test[\s\S]*Phase: +Succeeded[\s\S]*it works/);
  });

  test('uninstall takes everything away', async () => {
    expect(await helm.output('uninstall', 'web', '--wait', '--timeout', '30s')).toContain('release "web" uninstalled');
    expect(deployment()).toBeUndefined();
    expect(await helm.output('list', '-q')).toBe('');
  });
});
