/** Faults as one-liners: each strikes, is seen where people would look, and can be ended. */
import { startCluster, type TestCluster } from '../../../../lib/testing';

const deployment = (replicas: number, spec: object = {}, extra: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx', ...extra }], ...spec },
    },
  },
});

function running(spec: { replicas?: number; seed?: number } = {}): TestCluster {
  const cluster = startCluster({ seed: spec.seed ?? 1 });
  cluster.apply(deployment(spec.replicas ?? 3));
  cluster.untilReady();
  return cluster;
}

const podsOf = (cluster: TestCluster) => cluster.list('Pod', { labels: 'app=web' }) as any[];
const readyStatus = (cluster: TestCluster, node: string) =>
  cluster.get('Node', node).status!.conditions!.find(({ type }: any) => type === 'Ready')!.status;

test('a node that crashes is not ready after its grace, and is back when it is switched on', () => {
  const cluster = running();
  const crash = cluster.faults.crashNode('node-1');
  expect(cluster.faults.active.map(({ what }) => what)).toEqual(['node node-1 has crashed']);
  cluster.advance('45s');
  cluster.advance('10s');
  expect(readyStatus(cluster, 'node-1')).toBe('Unknown');
  crash.end();
  cluster.untilReady();
  expect(readyStatus(cluster, 'node-1')).toBe('True');
  expect(cluster.faults.active).toEqual([]);
});

test('a lost zone takes all of its nodes; the workload moves to the others', () => {
  const cluster = running();
  const outage = cluster.faults.loseZone('eu-central-1a');
  cluster.advance('10m');
  const up = podsOf(cluster).filter(({ metadata }) => !metadata.deletionTimestamp);
  expect(up.map(({ spec }) => spec.nodeName)).not.toContain('node-1');
  expect(up).toHaveLength(3);
  outage.end();
  cluster.advance('2m');
  expect(podsOf(cluster)).toHaveLength(3);
  expect(() => cluster.faults.loseZone('mars-1a')).toThrow('no node of the cluster is in zone "mars-1a"');
});

test('a drain waits for the disruption budget, and uncordons in the end', () => {
  const cluster = startCluster({ nodes: 2 });
  cluster.apply(deployment(2), {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
  });
  cluster.untilReady();
  const drain = cluster.faults.drainNode('node-1');
  cluster.advance('1m');
  expect(cluster.get('Node', 'node-1').spec!.unschedulable).toBe(true);
  expect(podsOf(cluster).map(({ spec }) => spec.nodeName)).toContain('node-1');
  cluster.client.patch('poddisruptionbudgets.policy', 'default', 'web', 'merge', { spec: { minAvailable: 1 } });
  cluster.advance('2m');
  expect(new Set(podsOf(cluster).map(({ spec }) => spec.nodeName))).toEqual(new Set(['node-2']));
  drain.end();
  expect(cluster.get('Node', 'node-1').spec!.unschedulable).toBeUndefined();
});

test('a spot instance says so two minutes before, is drained, and goes', () => {
  const cluster = running();
  cluster.faults.interruptSpot('node-2');
  cluster.advance('1s');
  const node = cluster.get('Node', 'node-2') as any;
  expect(node.spec.taints).toContainEqual(
    expect.objectContaining({ key: 'aws-node-termination-handler/spot-itn', effect: 'NoSchedule' }),
  );
  expect(cluster).toHaveEvent({ about: 'Node/node-2', reason: 'SpotInterruption', message: /will be interrupted at/ });
  cluster.advance('110s');
  expect(podsOf(cluster).map(({ spec }) => spec.nodeName)).not.toContain('node-2');
  cluster.advance('10s');
  expect(cluster.tryGet('Node', 'node-2')).toBeUndefined();
  expect(cluster.get('Deployment', 'web').status!.readyReplicas).toBe(3);
});

test('an image that is gone, a server that starts late, a container that dies', () => {
  const cluster = startCluster();
  const lost = cluster.faults.loseImage('nginx');
  const late = cluster.faults.slowStart('nginx', '40s');
  const readinessProbe = { httpGet: { port: 80 }, periodSeconds: 1 };
  cluster.apply(deployment(1, {}, { ports: [{ containerPort: 80 }], readinessProbe }));
  cluster.advance('20s');
  expect(podsOf(cluster)[0].status.containerStatuses[0].state.waiting.reason).toBe('ImagePullBackOff');
  lost.end();
  cluster.advance('30s');
  expect(cluster.get('Deployment', 'web').status!.readyReplicas).toBeUndefined();
  cluster.advance('1m');
  expect(cluster.get('Deployment', 'web').status!.readyReplicas).toBe(1);
  late.end();
  const [{ metadata }] = podsOf(cluster);
  cluster.faults.crashContainer(metadata.name, { exitCode: 3 });
  cluster.advance('1m');
  cluster.faults.killForMemory(metadata.name);
  cluster.advance('1m');
  const [status] = podsOf(cluster)[0].status.containerStatuses;
  expect(status.restartCount).toBe(2);
  expect(status.lastState.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  expect(() => cluster.faults.crashContainer('nobody')).toThrow('there is no pod "default/nobody"');
});

describe('the API server', () => {
  test('errors of one controller stop that controller, until they end', () => {
    const cluster = startCluster();
    const errors = cluster.faults.failApi({ clients: ['deployment-controller'] });
    cluster.apply(deployment(2));
    cluster.advance('1m');
    expect(cluster.list('ReplicaSet')).toEqual([]);
    errors.end();
    cluster.untilReady();
    expect(podsOf(cluster)).toHaveLength(2);
  });

  test('whoever is chosen sees the words of the server', () => {
    const cluster = running();
    cluster.faults.failApi({ clients: ['kubernetes-admin'], code: 503 });
    expect(() => cluster.scale('Deployment', 'web', 5)).toThrow('the server is currently unable to handle the request');
    cluster.faults.endAll();
    cluster.faults.conflict({ clients: ['kubernetes-admin'] });
    expect(() => cluster.scale('Deployment', 'web', 5)).toThrow(
      'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  test('everybody writes on through a storm of errors and conflicts', () => {
    const cluster = startCluster();
    cluster.faults.failApi({ clients: ['kube-controller-manager', 'kubelet', 'kube-scheduler'], rate: 0.3 });
    cluster.faults.conflict({ clients: ['kube-controller-manager'], rate: 0.3 });
    cluster.apply(deployment(6));
    cluster.untilReady('10m');
    expect(cluster.get('Deployment', 'web').status!.readyReplicas).toBe(6);
  });

  test('a slow server and broken watches only delay', () => {
    const cluster = running({ replicas: 1 });
    cluster.faults.slowApi('5s', { clients: ['replicaset-controller'] });
    cluster.scale('Deployment', 'web', 2);
    cluster.advance('4s');
    expect(podsOf(cluster)).toHaveLength(1);
    cluster.advance('10s');
    expect(podsOf(cluster)).toHaveLength(2);
    cluster.faults.endAll();
    cluster.faults.dropWatches({ downFor: '20s' });
    cluster.scale('Deployment', 'web', 3);
    cluster.advance('19s');
    expect(podsOf(cluster)).toHaveLength(2);
    cluster.advance('10s');
    expect(podsOf(cluster)).toHaveLength(3);
  });
});

test('a volume that cannot be attached keeps its Pod waiting, and says why', () => {
  const cluster = startCluster();
  const failure = cluster.faults.failAttach();
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  cluster.apply(claim, deployment(1, { volumes }));
  cluster.advance('1m');
  expect(cluster).toHaveEvent({
    reason: 'FailedAttachVolume',
    message: /^AttachVolume.Attach failed for volume "pvc-/,
  });
  failure.end();
  cluster.untilReady();
});

test('a node whose clock is wrong stays Ready, and is missed after the usual grace when it goes', () => {
  const cluster = running();
  cluster.faults.skewClock('node-1', '1h');
  cluster.advance('10m');
  expect(readyStatus(cluster, 'node-1')).toBe('True');
  const lease = cluster.client.get('leases.coordination.k8s.io', 'kube-node-lease', 'node-1') as any;
  expect(Date.parse(lease.spec.renewTime) - cluster.now).toBeGreaterThan(3_500_000);
  cluster.faults.pauseKubelet('node-1');
  cluster.advance('30s');
  expect(readyStatus(cluster, 'node-1')).toBe('True');
  cluster.advance('40s');
  expect(readyStatus(cluster, 'node-1')).toBe('Unknown');
});
