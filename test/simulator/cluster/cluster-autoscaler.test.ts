/** Node groups grow for pods that fit nowhere and shrink when nobody needs them. */
import { startCluster, type TestCluster, type TestClusterOptions } from '../../../lib/testing/test-cluster';

const machine = { cpu: '2', memory: '4Gi', pods: 20 };
const web = (replicas: number, cpu = '900m', spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu } } }], ...spec },
    },
  },
});
const start = (nodeGroups: TestClusterOptions['nodeGroups']) => startCluster({ nodeGroups });
const nodes = (cluster: TestCluster) => cluster.list('Node').map(({ metadata }) => metadata!.name);
const messages = (cluster: TestCluster, reason: string) => [
  ...new Set(cluster.events({ reason }).map(({ message }) => message)),
];
const status = (cluster: TestCluster) =>
  cluster.get('ConfigMap', 'cluster-autoscaler-status', 'kube-system').data!.status;

test('a group grows by as many machines as the waiting pods need, and says so', () => {
  const cluster = start([{ name: 'workers', minSize: 1, maxSize: 5, ...machine }]);
  cluster.apply(web(5));
  cluster.untilReady();
  expect(nodes(cluster)).toEqual(['workers-1', 'workers-2', 'workers-3']);
  expect(messages(cluster, 'TriggeredScaleUp')).toEqual(['pod triggered scale-up: [{workers 1->3 (max: 5)}]']);
  expect(messages(cluster, 'ScaledUpGroup')).toEqual([
    'Scale-up: setting group workers size to 3 instead of 1 (max: 5)',
    'Scale-up: group workers size set to 3 instead of 1 (max: 5)',
  ]);
  const zones = cluster.list('Node').map(({ metadata }) => metadata!.labels!['topology.kubernetes.io/zone']);
  expect(new Set(zones).size).toBe(3);
  expect(status(cluster)).toContain('cloudProviderTarget: 3');
});

test('pods that no machine could take say why', () => {
  const cluster = start([
    { name: 'small', maxSize: 5, ...machine },
    { name: 'gpu', maxSize: 5, ...machine, taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] },
    { name: 'full', minSize: 1, maxSize: 1, ...machine },
  ]);
  cluster.apply(web(1, '8'));
  cluster.advance('1m');
  expect(messages(cluster, 'NotTriggerScaleUp')).toEqual([
    "pod didn't trigger scale-up: 1 Insufficient cpu, 1 max node group size reached, 1 node(s) had untolerated taint(s)",
  ]);
  expect(nodes(cluster)).toEqual(['full-1']);
});

test('from nothing: a group without machines knows what they would be', () => {
  const cluster = start([
    { name: 'any', maxSize: 3, ...machine },
    { name: 'memory', maxSize: 3, ...machine, labels: { pool: 'memory' } },
  ]);
  cluster.apply(web(1, '100m', { nodeSelector: { pool: 'memory' } }));
  cluster.untilReady();
  expect(nodes(cluster)).toEqual(['memory-1']);
});

test('what DaemonSets put on a new node is counted', () => {
  const cluster = start([{ name: 'workers', maxSize: 9, ...machine }]);
  const { metadata: _, ...agent } = web(1, '1500m');
  const { replicas: _replicas, ...spec } = agent.spec;
  cluster.apply({
    ...agent,
    kind: 'DaemonSet',
    metadata: { name: 'agent' },
    spec: { ...spec, selector: { matchLabels: { app: 'web' } } },
  });
  cluster.apply({ ...web(1, '900m'), metadata: { name: 'other' } });
  cluster.advance('10m');
  expect(nodes(cluster)).toEqual([]);
  expect(messages(cluster, 'NotTriggerScaleUp')).toEqual(["pod didn't trigger scale-up: 1 Insufficient cpu"]);
});

test('idle nodes go after ten minutes, down to the minimum', () => {
  const cluster = start([{ name: 'workers', minSize: 1, maxSize: 5, ...machine }]);
  cluster.apply(web(6));
  cluster.untilReady();
  expect(nodes(cluster)).toHaveLength(3);
  cluster.scale('Deployment', 'web', 1);
  cluster.advance('9m');
  expect(nodes(cluster)).toHaveLength(3);
  const taints = cluster.list('Node').flatMap(({ spec }) => spec!.taints ?? []);
  expect(taints.map(({ key, effect }) => `${key}:${effect}`)).toContain(
    'DeletionCandidateOfClusterAutoscaler:PreferNoSchedule',
  );
  cluster.advance('5m');
  expect(nodes(cluster)).toHaveLength(1);
  expect(messages(cluster, 'ScaleDownEmpty')).toHaveLength(2);
  expect(messages(cluster, 'ScaleDown')).toContain('marked the node as toBeDeleted/unschedulable');
  cluster.advance('1h');
  expect(nodes(cluster)).toHaveLength(1);
  expect(cluster.get('Deployment', 'web').status!.readyReplicas).toBe(1);
});

test('a node that is used a little is drained; pods that may not move keep theirs', () => {
  for (const annotation of ['true', 'false']) {
    const cluster = start([{ name: 'workers', minSize: 1, maxSize: 5, ...machine }]);
    const deployment = web(4, '900m');
    const annotations = { 'cluster-autoscaler.kubernetes.io/safe-to-evict': annotation };
    const { template } = deployment.spec;
    const annotated = { ...template, metadata: { ...template.metadata, annotations } };
    cluster.apply({ ...deployment, spec: { ...deployment.spec, template: annotated } });
    cluster.untilReady();
    expect(nodes(cluster)).toHaveLength(2);
    for (const pod of cluster.list('Pod')) {
      const rank = pod.spec!.nodeName === 'workers-1' ? -1 : 1;
      const isFirst = cluster.list('Pod').find(({ spec }) => spec!.nodeName === pod.spec!.nodeName)!.metadata!.name;
      const cost = String(isFirst === pod.metadata!.name ? 100 : rank);
      cluster.client.patch('pods', 'default', pod.metadata!.name!, 'merge', {
        metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } },
      });
    }
    cluster.scale('Deployment', 'web', 2);
    cluster.advance('1m');
    expect(new Set(cluster.list('Pod').map(({ spec }) => spec!.nodeName)).size).toBe(2);
    cluster.advance('30m');
    expect(nodes(cluster)).toHaveLength(annotation === 'true' ? 1 : 2);
    expect(cluster.get('Deployment', 'web').status!.readyReplicas).toBe(2);
    const drained = messages(cluster, 'ScaleDown').filter((message) => message.endsWith('removed with drain'));
    expect(drained).toHaveLength(annotation === 'true' ? 1 : 0);
  }
});
