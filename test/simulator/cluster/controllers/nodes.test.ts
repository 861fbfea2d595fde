import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import { Cluster } from '../../../../lib/simulator/cluster/cluster';
import { evictionInterval } from '../../../../lib/simulator/cluster/controllers/node-lifecycle';
import { template } from '../../../helpers/story';

const labels = { app: 'web' };

function start(replicas = 2) {
  const cluster = new Cluster({ nodes: 2 });
  const client = cluster.clientFor('kubernetes-admin', 'story');
  client.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: labels }, template: template(labels) },
  });
  cluster.simulation.until(() => available() === replicas);
  const node = (name: string) => client.get('nodes', undefined, name);
  const pods = () => client.list('pods', { namespace: 'default' });
  const events = (reason: string) =>
    [...cluster.store.list('events')].filter((event) => event.reason === reason).map((event) => event.message);
  function available(): number {
    return client.get('deployments.apps', 'default', 'web').status?.availableReplicas ?? 0;
  }
  return { cluster, client, node, pods, events, available };
}

const ready = (node: KubernetesObject) => node.status.conditions.find(({ type }: { type: string }) => type === 'Ready');
const taints = (node: KubernetesObject) =>
  (node.spec.taints ?? []).map(({ key, effect }: Record<string, string>) => `${key}:${effect}`);

describe('a node whose kubelet stops', () => {
  test('is Unknown after 50 s, unreachable, and loses its pods after another 300 s', () => {
    const { cluster, node, pods, events, available } = start();
    const lost = pods().filter((pod) => pod.spec.nodeName === 'node-1');
    expect(lost).toHaveLength(1);
    cluster.kubelets!.crash('node-1');
    cluster.simulation.advance('30s');
    expect(ready(node('node-1')).status).toBe('True');
    cluster.simulation.advance('30s');
    expect(ready(node('node-1'))).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    expect(taints(node('node-1'))).toEqual([
      'node.kubernetes.io/unreachable:NoSchedule',
      'node.kubernetes.io/unreachable:NoExecute',
    ]);
    expect(available()).toBe(1);
    expect(events('NodeNotReady')).toEqual(
      expect.arrayContaining(['Node node-1 status is now: NodeNotReady', 'Node is not ready']),
    );
    cluster.simulation.advance('280s');
    expect(pods().filter((pod) => pod.metadata.deletionTimestamp)).toEqual([]);
    cluster.simulation.advance('30s');
    const [marked] = pods().filter((pod) => pod.metadata.deletionTimestamp);
    expect(marked!.metadata.name).toBe(lost[0]!.metadata.name);
    expect(marked!.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }),
    );
    expect(events('TaintManagerEviction')).toEqual([`Marking for deletion Pod default/${marked!.metadata.name}`]);
    expect(available()).toBe(2);
  });

  test('that comes back in time keeps its pods', () => {
    const { cluster, node, pods, events, available } = start();
    const before = pods().map((pod) => pod.metadata.uid);
    cluster.kubelets!.crash('node-1');
    cluster.simulation.advance('2m');
    expect(available()).toBe(1);
    cluster.kubelets!.restart('node-1');
    cluster.simulation.advance('2m');
    expect(taints(node('node-1'))).toEqual([]);
    expect(available()).toBe(2);
    expect(pods().map((pod) => pod.metadata.uid)).toEqual(before);
    expect(events('TaintManagerEviction')[0]).toMatch(/^Cancelling deletion of Pod default\/web-/);
  });

  test('that is removed for good takes its pods along', () => {
    const { cluster, client, pods, available } = start();
    client.delete('nodes', undefined, 'node-1');
    cluster.kubelets!.removeNode('node-1');
    cluster.simulation.advance('2m');
    expect(pods().map((pod) => pod.spec.nodeName)).toEqual(['node-2', 'node-2']);
    expect(available()).toBe(2);
  });
});

test('a cordoned node gets the taint that keeps new pods away', () => {
  const { cluster, client, node } = start();
  const before = node('node-1');
  client.update('nodes', { ...before, spec: { ...before.spec, unschedulable: true } });
  cluster.simulation.advance('1s');
  expect(taints(node('node-1'))).toEqual(['node.kubernetes.io/unschedulable:NoSchedule']);
  client.update('nodes', { ...node('node-1'), spec: { ...node('node-1').spec, unschedulable: false } });
  cluster.simulation.advance('1s');
  expect(taints(node('node-1'))).toEqual([]);
});

describe('how fast the nodes of a zone are given up', () => {
  const zone = (ready: number, down: number) =>
    Array.from({ length: ready + down }, (_, i): KubernetesObject => {
      const status = { conditions: [{ type: 'Ready', status: i < ready ? 'True' : 'Unknown' }] };
      return { apiVersion: 'v1', kind: 'Node', metadata: { name: `n${i}` }, status };
    });

  test.each([
    [9, 1, 10_000],
    [40, 60, 100_000],
    [4, 6, undefined],
    [0, 3, undefined],
  ])('%i ready, %i not: every %s ms', (ready, down, expected) => {
    expect(evictionInterval(zone(ready, down), '')).toBe(expected);
  });
});

describe('PodDisruptionBudget', () => {
  test('says how many pods may go', () => {
    const { cluster, client } = start(4);
    const budget = (name: string, spec: object) =>
      client.create('poddisruptionbudgets.policy', {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name, namespace: 'default' },
        spec: { selector: { matchLabels: labels }, ...spec },
      });
    budget('most', { minAvailable: '60%' });
    budget('one', { maxUnavailable: 1 });
    budget('all', { minAvailable: 4 });
    cluster.simulation.advance('1s');
    const status = (name: string) => client.get('poddisruptionbudgets.policy', 'default', name).status;
    expect(status('most')).toMatchObject({
      expectedPods: 4,
      desiredHealthy: 3,
      currentHealthy: 4,
      disruptionsAllowed: 1,
      observedGeneration: 1,
      conditions: [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }],
    });
    expect(status('one')).toMatchObject({ desiredHealthy: 3, disruptionsAllowed: 1 });
    expect(status('all')).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
    });
  });
});

test('a Job goes ttlSecondsAfterFinished after its end', () => {
  const { cluster, client } = start();
  const pod = template({ app: 'work' }, 'busybox');
  const containers = [{ name: 'main', image: 'busybox', command: ['true'] }];
  client.create('jobs.batch', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work', namespace: 'default' },
    spec: { ttlSecondsAfterFinished: 60, template: { ...pod, spec: { restartPolicy: 'Never', containers } } },
  });
  const job = () => client.tryGet('jobs.batch', 'default', 'work');
  cluster.simulation.until(() => job()?.status?.succeeded === 1);
  cluster.simulation.advance('50s');
  expect(job()).toBeDefined();
  cluster.simulation.advance('20s');
  expect(job()).toBeUndefined();
  expect(client.list('pods', { labelSelector: 'job-name=work' })).toEqual([]);
});
