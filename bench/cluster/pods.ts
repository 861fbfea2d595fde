/**
 * Pods from nothing to Ready, through the whole cluster: API server, scheduler, kubelets, events.
 *
 *   node --expose-gc --import tsx bench/cluster/pods.ts [nodes] [pods]
 */
import { Cluster } from '../../lib/simulator/cluster/cluster';

const nodes = Number(process.argv[2] ?? 1_000);
const pods = Number(process.argv[3] ?? 10_000);

const cluster = new Cluster();
const client = cluster.clientFor('bench');
cluster.simulation.settle();

function measure(what: string, work: () => void): void {
  const before = process.cpuUsage();
  const started = process.hrtime.bigint();
  work();
  const { user, system } = process.cpuUsage(before);
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  process.stdout.write(`${what}: ${wall.toFixed(2)} s, ${((user + system) / 1e6).toFixed(2)} s CPU\n`);
}

measure(`${nodes} nodes`, () => {
  for (let i = 0; i < nodes; i++) {
    cluster.kubelets!.addNode({ name: `n${i}`, cpu: '32', memory: '128Gi', zone: `z${i % 3}` });
  }
  cluster.simulation.settle();
});
measure(`${pods} pods created`, () => {
  const container = { name: 'c', image: 'nginx', resources: { requests: { cpu: '100m', memory: '64Mi' } } };
  for (let i = 0; i < pods; i++) {
    const metadata = { name: `p${i}`, namespace: 'default', labels: { app: 'web' } };
    client.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container] } });
  }
});
measure(`${pods} pods Ready`, () => cluster.simulation.settle());
measure('an idle day', () => cluster.simulation.advance('24h'));

global.gc?.();
const { rss, heapUsed } = process.memoryUsage();
const running = [...cluster.store.list('pods')].filter(({ status }) => status?.phase === 'Running').length;
process.stdout.write(
  `${running} running, ${Math.round(rss / 1e6)} MB resident, ${Math.round(heapUsed / 1e6)} MB heap\n`,
);
