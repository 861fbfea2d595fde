/** Who is near gets the requests: hints of zones and nodes, and internal traffic that stays on its node. */
import { startCluster, type TestCluster } from '../../../../lib/testing/test-cluster';

function start(spec: object): TestCluster {
  const cluster = startCluster({ nodes: 3 });
  cluster.apply(
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'hosts' },
      spec: {
        selector: { matchLabels: { app: 'hosts' } },
        template: {
          metadata: { labels: { app: 'hosts' } },
          spec: { containers: [{ name: 'main', image: 'registry.k8s.io/serve_hostname' }] },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'hosts' },
      spec: { selector: { app: 'hosts' }, ports: [{ port: 80, targetPort: 9376 }], ...spec },
    },
    ...['node-1', 'node-2'].map((nodeName) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `on-${nodeName}` },
      spec: {
        containers: [{ name: 'main', image: 'busybox', command: ['sleep', 'inf'] }],
        nodeSelector: { 'kubernetes.io/hostname': nodeName },
      },
    })),
  );
  cluster.untilReady();
  return cluster;
}

const nodesAsked = (cluster: TestCluster, from: string) => {
  const nodeOf = new Map(cluster.list('Pod').map(({ metadata, spec }) => [metadata!.name, spec!.nodeName]));
  const answers = Array.from({ length: 12 }, () => cluster.exec(from, ['wget', '-qO-', 'http://hosts']).stdout);
  return [...new Set(answers.map((name) => nodeOf.get(name)))].sort();
};

test.each([
  ['without a preference', {}, ['node-1', 'node-2', 'node-3'], ['node-1', 'node-2', 'node-3']],
  ['PreferClose', { trafficDistribution: 'PreferClose' }, ['node-1'], ['node-2']],
  ['internalTrafficPolicy Local', { internalTrafficPolicy: 'Local' }, ['node-1'], ['node-2']],
])('%s', (_name, spec, first, second) => {
  const cluster = start(spec);
  expect(nodesAsked(cluster, 'on-node-1')).toEqual(first);
  expect(nodesAsked(cluster, 'on-node-2')).toEqual(second);
});
