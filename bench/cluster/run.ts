/**
 * The whole simulated cluster: boot, Pods from a Deployment to Ready, a roll-out under traffic, an idle day. Each measurement
 * runs in a process of its own, so that none works with what another one has compiled or left behind.
 *
 *   npm run bench -- cluster [--json] [--pods 1000,10000]
 *
 * The curve to 150,000 Pods on 5,000 nodes takes minutes: --pods 10000,50000,150000. The real control plane (etcd, apiserver,
 * controller-manager, scheduler, faked kubelets) needs 5.4 s for 1,000 Pods on 100 nodes and 115 s for 10,000 on 1,000.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Cluster } from '../../lib/simulator/cluster/cluster';
import { startTraffic } from '../../lib/simulator/cluster/network/traffic';
import { type Cost, measure, print, type Row, residentMb, rounded } from '../measure';

const REAL_SECONDS: Readonly<Record<number, number>> = { 1000: 5.4, 10000: 115 };
const { values } = parseArgs({
  options: { pods: { type: 'string', default: '1000,10000' }, only: { type: 'string' }, json: { type: 'boolean' } },
});

function withNodes(count: number): Cluster {
  const cluster = new Cluster();
  cluster.simulation.settle();
  for (let i = 0; i < count; i++) {
    cluster.kubelets!.addNode({ name: `n${i}`, cpu: '32', memory: '128Gi', zone: `z${i % 3}` });
  }
  cluster.simulation.settle();
  return cluster;
}

const template = (image: string, container: object = {}) => ({
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [{ name: 'c', image, resources: { requests: { cpu: '100m', memory: '64Mi' } }, ...container }],
  },
});

function deploy(cluster: Cluster, replicas: number, pod: object): void {
  const client = cluster.clientFor('bench');
  const metadata = { name: 'web', namespace: 'default' };
  client.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  client.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas, progressDeadlineSeconds: 7200, selector: { matchLabels: { app: 'web' } }, template: pod },
  });
  cluster.simulation.settle('3h');
}

const cpuAndWall = ({ cpu, wall }: Cost) => ({ 'CPU s': rounded(cpu), 'wall s': rounded(wall) });

function boot(): Row {
  const cost = measure(() => new Cluster({ nodes: 3 }).clientFor('bench').list('pods'));
  return { what: 'boot to the first answer', ...cpuAndWall(cost), 'goal s': 0.1 };
}

function podsToReady(pods: number): Row {
  const nodes = Math.max(10, pods >= 100_000 ? Math.ceil(pods / 30) : Math.ceil(pods / 10));
  const cluster = withNodes(nodes);
  const cost = measure(() => deploy(cluster, pods, template('nginx')));
  const running = cluster.clientFor('bench').get('deployments.apps', 'default', 'web').status.readyReplicas ?? 0;
  const real = REAL_SECONDS[pods];
  return {
    what: `${running} Pods Ready on ${nodes} nodes`,
    ...cpuAndWall(cost),
    'us/Pod': Math.round((cost.cpu * 1e6) / pods),
    MB: residentMb(),
    ...(real ? { 'times faster than real': rounded(real / cost.cpu) } : {}),
  };
}

function rollingUpdate(): Row {
  const cluster = withNodes(100);
  const { network, images } = cluster.kubelets!;
  images.define('shop/web', { ports: [8080], http: () => ({ status: 200, body: 'ok' }) });
  const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };
  const lifecycle = { preStop: { sleep: { seconds: 5 } } };
  const pod = (version: string) => template(`shop/web:${version}`, { readinessProbe, lifecycle });
  deploy(cluster, 1_000, pod('v1'));
  const client = cluster.clientFor('bench');
  const traffic = startTraffic(network, cluster.simulation, { to: 'http://web', perSecond: 100 });
  const cost = measure(() => {
    const { spec, ...deployment } = client.get('deployments.apps', 'default', 'web');
    client.update('deployments.apps', { ...deployment, spec: { ...spec, template: pod('v2') } });
    cluster.simulation.settle('3h');
  });
  const { sent, failed } = traffic.stop();
  return { what: `1,000 Pods rolled, ${failed} of ${sent} requests failed`, ...cpuAndWall(cost), 'goal s': 1 };
}

function idleDay(): Row {
  const cluster = withNodes(100);
  const cost = measure(() => cluster.simulation.advance('24h'));
  return { what: 'an idle day of 100 nodes', ...cpuAndWall(cost), 'goal s': 1 };
}

const measurements: Record<string, () => Row> = { boot, rollingUpdate, idleDay };
for (const count of values.pods.split(',')) measurements[`pods-${count}`] = () => podsToReady(Number(count));

if (values.only) {
  process.stdout.write(JSON.stringify(measurements[values.only]!()));
} else {
  for (const name of Object.keys(measurements)) {
    const argv = ['--expose-gc', __filename, '--only', name, '--pods', values.pods];
    const { stdout, stderr, status } = spawnSync('node', argv, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    print(name, [JSON.parse(stdout) as Row]);
  }
}
