/** Memory runs out: in a container, and on a node. */
import { startCluster, type TestCluster } from '../../../../lib/testing/test-cluster';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const pod = (name: string, image: string, resources: object, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'main', image, resources }], ...spec },
});
const start = () => startCluster({ nodes: [{ name: 'n1', cpu: '4', memory: '4Gi' }] });
const uses = (cluster: TestCluster, image: string, memoryBytes: () => number) =>
  cluster.machines.images.define(image, { usage: () => ({ milliCpu: 10, memoryBytes: memoryBytes() }) });

test('a container that uses more than its limit is killed and started again', () => {
  const cluster = start();
  let leaks = false;
  cluster.machines.images.define('shop/leak', {
    usage: ({ restartCount }) => ({ milliCpu: 10, memoryBytes: (leaks && restartCount === 0 ? 129 : 50) * MIB }),
  });
  cluster.apply(pod('leak', 'shop/leak', { limits: { memory: '128Mi' } }));
  cluster.advance('1m');
  expect(cluster.get('Pod', 'leak').status!.containerStatuses![0]!.restartCount).toBe(0);
  leaks = true;
  cluster.advance('1m');
  const [status] = cluster.get('Pod', 'leak').status!.containerStatuses!;
  expect(status).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } });
});

test('a node that is short of memory evicts who uses most beyond the request, and is marked for a while', () => {
  const cluster = start();
  let greedy = 500 * MIB;
  uses(cluster, 'shop/greedy', () => greedy);
  uses(cluster, 'shop/modest', () => GIB);
  cluster.apply(
    pod('modest', 'shop/modest', { requests: { memory: '1Gi' } }),
    pod('greedy', 'shop/greedy', { requests: { memory: '256Mi' } }),
  );
  cluster.untilReady();
  greedy = 2.6 * GIB;
  cluster.advance('12s');
  const evicted = cluster.get('Pod', 'greedy').status!;
  expect(evicted).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
  expect(evicted.message).toBe(
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 9830Ki. Container main was using 2726298Ki, request is 256Mi, has larger consumption of memory. ',
  );
  expect(evicted.conditions).toContainEqual(
    expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }),
  );
  expect(cluster.get('Pod', 'modest').status!.phase).toBe('Running');
  const pressure = () => cluster.get('Node', 'n1').status!.conditions!.find(({ type }) => type === 'MemoryPressure')!;
  expect(pressure()).toMatchObject({ status: 'True', reason: 'KubeletHasInsufficientMemory' });
  const taints = () => (cluster.get('Node', 'n1').spec!.taints ?? []).map(({ key }) => key);
  expect(taints()).toContain('node.kubernetes.io/memory-pressure');
  cluster.advance('6m');
  expect(pressure().status).toBe('False');
  expect(taints()).toEqual([]);
  expect(cluster.events({ about: 'Node/n1' }).map(({ reason }) => reason)).toEqual(
    expect.arrayContaining(['EvictionThresholdMet', 'NodeHasInsufficientMemory', 'NodeHasSufficientMemory']),
  );
});
