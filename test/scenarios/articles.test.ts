/**
 * What four introductory articles about Kubernetes tell their readers to type, and what they say will happen: the plain YAML that they
 * print, on a cluster in the same process.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCluster, type TestCluster } from '../../lib/testing';

const article = (name: string) => readFileSync(join(__dirname, '..', 'manifests', 'articles', `${name}.yaml`), 'utf8');
const tour = { namespace: 'tour' };

let cluster: TestCluster;
beforeEach(() => {
  cluster = startCluster({ nodes: 3 });
  cluster.apply(article('namespace'));
});

const podsOf = (app: string) =>
  cluster.list('Pod', { ...tour, labels: `app=${app}` }).filter(({ metadata }) => !metadata.deletionTimestamp);
const imagesOf = (app: string) => podsOf(app).map(({ spec }) => spec.containers[0]!.image);

test('an nginx Pod runs and answers on port 80', () => {
  cluster.apply(article('nginx-pod'));
  cluster.untilReady('1m');
  const { status } = cluster.get('Pod', 'my-nginx-pod', 'tour');
  expect(cluster.request(`http://${status!.podIP}:80/`).body).toContain('Welcome to nginx!');
  expect(cluster).toHaveEvent({ about: 'Pod/my-nginx-pod', reason: 'Started' });
});

test('a Pod in the apps group is refused', () => {
  expect(() => cluster.apply(article('wrong-api-version'))).toThrow('no matches for kind "Pod" in version "apps/v1"');
});

test('two containers of one Pod share a volume: what one writes, the other serves', () => {
  cluster.apply(article('sidecar'));
  cluster.untilReady('1m');
  cluster.advance('30s');
  const { status } = cluster.get('Pod', 'sidecar', 'tour');
  expect(cluster.request(`http://${status!.podIP}/index.html`).body).toMatch(/2026/);
});

test('a ReplicaSet keeps three Pods, then four, heals a loss and removes a surplus', () => {
  cluster.apply(article('replicaset'));
  cluster.untilReady('1m');
  expect(podsOf('replicated')).toHaveLength(3);

  cluster.apply(article('replicaset').replace('replicas: 3', 'replicas: 4'));
  cluster.untilReady('1m');
  expect(podsOf('replicated')).toHaveLength(4);

  const [lost] = podsOf('replicated');
  cluster.delete('Pod', lost!.metadata.name!, 'tour');
  cluster.untilReady('2m');
  expect(podsOf('replicated')).toHaveLength(4);
  expect(podsOf('replicated').map(({ metadata }) => metadata.name)).not.toContain(lost!.metadata.name);

  cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stray', namespace: 'tour', labels: { app: 'replicated' } },
    spec: { containers: [{ name: 'nginx', image: 'nginx' }] },
  });
  cluster.advance('1m');
  expect(podsOf('replicated')).toHaveLength(4);
  expect(cluster.tryGet('Pod', 'stray', 'tour')).toBeUndefined();
});

test('a ReplicationController keeps its Pods', () => {
  cluster.apply(article('replicationcontroller'));
  cluster.untilReady('1m');
  expect(podsOf('controlled')).toHaveLength(2);
});

test('a Deployment rolls to a new image and back, and never has fewer Pods than allowed', () => {
  cluster.apply(article('deployment'));
  cluster.untilReady('2m');
  expect(new Set(imagesOf('deployed'))).toEqual(new Set(['nginx:1.10']));

  let fewest = 3;
  const watchAvailability = () => {
    fewest = Math.min(fewest, cluster.get('Deployment', 'my-deployment', 'tour').status?.availableReplicas ?? 0);
    return cluster.notReady().length === 0;
  };
  cluster.apply(article('deployment').replace('nginx:1.10', 'nginx:1.11'));
  cluster.until(watchAvailability, '5m');
  expect(new Set(imagesOf('deployed'))).toEqual(new Set(['nginx:1.11']));
  expect(fewest).toBeGreaterThanOrEqual(3);

  const revisions = cluster.list('ReplicaSet', { ...tour, labels: 'app=deployed' });
  expect(revisions.map(({ spec }) => spec.replicas).sort()).toEqual([0, 3]);

  cluster.apply(article('deployment'));
  cluster.untilReady('5m');
  expect(new Set(imagesOf('deployed'))).toEqual(new Set(['nginx:1.10']));
  expect(cluster.list('ReplicaSet', { ...tour, labels: 'app=deployed' })).toHaveLength(2);
});

test('Services of all three types reach Pods that answer with their host name', () => {
  cluster.apply(article('webserver'));
  cluster.advance('1m');
  expect(cluster.notReady()).toEqual([]);
  const names = cluster
    .list('Pod', { namespace: 'default', labels: 'app=webserver' })
    .map(({ metadata }) => metadata.name);
  const answers = (url: string) => new Set(Array.from({ length: 40 }, () => cluster.request(url).body.trim()));
  expect(answers('http://webserver')).toEqual(new Set(names));

  const nodePort = cluster.get('Service', 'webserver-nodeport').spec.ports![0]!.nodePort!;
  expect(nodePort).toBeGreaterThanOrEqual(30_000);
  expect(nodePort).toBeLessThanOrEqual(32_767);
  const [node] = cluster.list('Node');
  const address = node!.status!.addresses!.find(({ type }) => type === 'InternalIP')!.address;
  expect(answers(`http://${address}:${nodePort}`)).toEqual(new Set(names));
});

test('a ConfigMap and a Secret become environment and files', () => {
  cluster.apply(article('configuration'));
  cluster.untilReady('1m');
  const run = (...command: string[]) => cluster.exec('configured', command, { namespace: 'tour' }).stdout;
  expect(run('printenv', 'GREETING')).toBe('hello\n');
  expect(run('printenv', 'PASSWORD')).toBe('only for the tour\n');
  expect(run('cat', '/etc/nginx/conf.d/default.conf')).toContain('server_name localhost;');
  expect(run('cat', '/etc/credentials/username')).toBe('admin');
});

test('an emptyDir lives as long as its Pod, a claim outlives it', () => {
  cluster.apply(article('storage'));
  cluster.untilReady('3m');
  cluster.advance('30s');
  const read = (file: string) => cluster.exec('storage', ['cat', file], { namespace: 'tour' }).stdout;
  const before = read('/data/log');
  expect(before).toMatch(/2026/);
  expect(read('/cache/log')).toMatch(/2026/);
  expect(cluster.get('PersistentVolumeClaim', 'data', 'tour').status?.phase).toBe('Bound');

  cluster.delete('Pod', 'storage', 'tour');
  cluster.advance('2m');
  cluster.apply(article('storage'));
  cluster.untilReady('3m');
  expect(read('/data/log')).toContain(before.split('\n')[0]);
});
