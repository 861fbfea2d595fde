/** The engine against a simulated cluster behind its HTTPS port: what it would meet at EKS. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { apply, destroy, formatPlan, httpTransport, plan, type Transport } from '../../lib/apply';
import { systemClock } from '../../lib/clock';
import type { KubernetesObject } from '../../lib/kubernetes/object';
import { type RunningCluster, startCluster } from '../../lib/simulator/cluster/serve-cluster';
import { configMap, namespace } from './stage';

let cluster: RunningCluster;
let transport: Transport;
const directory = mkdtempSync(join(tmpdir(), 'drydock-apply-'));

beforeAll(async () => {
  cluster = await startCluster({
    port: 0,
    http: false,
    users: new Map(),
    nodes: 1,
    speed: 100,
    controllers: true,
    serviceCidr: '10.100.0.0/16',
    seed: 1,
    wallClock: () => systemClock.now(),
    later: (ms, callback) => {
      const timer = systemClock.after(ms, callback, { background: true });
      return () => timer.cancel();
    },
  });
  const { clusters, users } = cluster.kubeconfig as any;
  const pem = (base64: string) => Buffer.from(base64, 'base64').toString();
  transport = httpTransport({
    server: cluster.url,
    certificateAuthority: pem(clusters[0].cluster['certificate-authority-data']),
    clientCertificate: pem(users[0].user['client-certificate-data']),
    clientKey: pem(users[0].user['client-key-data']),
  });
  writeFileSync(join(directory, 'kubeconfig'), JSON.stringify(cluster.kubeconfig));
});

afterAll(async () => {
  transport.close();
  await cluster.close();
  rmSync(directory, { recursive: true });
});

const objects = [namespace('shop'), ...Array.from({ length: 40 }, (_, i) => configMap(`settings-${i}`, {}, 'shop'))];

test('applies, finds nothing to do, and destroys', async () => {
  const set = { name: 'over-https' };
  expect((await apply({ transport, set, objects })).outcome).toBe('succeeded');
  expect(formatPlan(await plan({ transport, set, objects }))).toBe('41 unchanged');
  expect((await destroy({ transport, set })).outcome).toBe('succeeded');
  const left = await transport.request({ method: 'GET', path: '/api/v1/namespaces/shop' });
  expect(left.status).toBe(404);
}, 30_000);

/** In a process of its own, because Jest cannot load the ES module that reads kubeconfigs. */
async function applyByKubeconfig(given: readonly KubernetesObject[]): Promise<string> {
  const program = resolve(__dirname, '../helpers/apply-by-kubeconfig.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, join(directory, 'kubeconfig')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  child.stdin.end(JSON.stringify(given));
  return text(child.stdout);
}

test('connects by kubeconfig', async () => {
  expect(await applyByKubeconfig([configMap('by-kubeconfig')])).toContain('succeeded: 1 to create');
}, 30_000);

test('a certificate that nobody vouches for is refused', async () => {
  const stranger = httpTransport({ server: cluster.url });
  await expect(stranger.request({ method: 'GET', path: '/api' })).rejects.toMatchObject({
    name: 'TransportError',
    code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY|DEPTH_ZERO/),
  });
  stranger.close();
});
