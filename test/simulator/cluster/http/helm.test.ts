/** The real helm against a served cluster: a small chart of our own comes, changes and goes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helmFor } from '../../../helpers/kubectl';
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
afterAll(() => rmSync(chart, { recursive: true, force: true }));

test('install waits, upgrade changes, list shows, uninstall takes away', async () => {
  const cluster = await serveCluster();
  const helm = helmFor({ kubeconfig: cluster.kubeconfig, timeoutMs: 60_000 });
  const { store } = cluster.cluster;
  try {
    await helm.output('install', 'web', chart, '--wait', '--timeout', '30s');
    expect(store.get('deployments.apps', 'default', 'web')!.status.availableReplicas).toBe(1);
    await helm.output('upgrade', 'web', chart, '--set', 'replicas=3', '--wait', '--timeout', '30s');
    expect(store.get('deployments.apps', 'default', 'web')!.spec.replicas).toBe(3);
    expect(await helm.output('list')).toMatch(/web\s+default\s+2\s.*deployed\s+web-0\.1\.0/);
    await helm.output('uninstall', 'web', '--wait', '--timeout', '30s');
    expect(store.get('deployments.apps', 'default', 'web')).toBeUndefined();
  } finally {
    await cluster.close();
    helm.remove();
  }
});
