/** Volumes come to the nodes of their pods, and leave them: VolumeAttachments, and what EBS volumes do not allow. */
import { startCluster, type TestCluster } from '../../../../lib/testing/test-cluster';

const node = (name: string, zone = 'eu-central-1a') => ({ name, region: 'eu-central-1', zone });
const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } },
};
const pod = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sleep', '1d'],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    ...spec,
  },
});
const on = (nodeName: string) => ({ nodeSelector: { 'kubernetes.io/hostname': nodeName } });

const attachments = (cluster: TestCluster) =>
  cluster.list('VolumeAttachment').map(({ spec, status }: any) => `${spec.nodeName} ${status?.attached === true}`);
const eventsOf = (cluster: TestCluster, about: string, reason: string) =>
  cluster.events({ about, reason }).map(({ message }) => message);

function start(): { cluster: TestCluster; volume: string } {
  const cluster = startCluster({ nodes: [node('n1'), node('n2'), node('n3', 'eu-central-1b')] });
  cluster.apply(claim, pod('first', on('n1')));
  cluster.untilReady();
  return { cluster, volume: cluster.get('PersistentVolumeClaim', 'data').spec!.volumeName! };
}

test('a volume is attached to the node of its pod before the pod starts, and detached after it', () => {
  const { cluster, volume } = start();
  expect(attachments(cluster)).toEqual(['n1 true']);
  expect(eventsOf(cluster, 'Pod/first', 'SuccessfulAttachVolume')).toEqual([
    `AttachVolume.Attach succeeded for volume "${volume}"`,
  ]);
  const handle = cluster.get('PersistentVolume', volume).spec!.csi!.volumeHandle;
  expect(cluster.get('Node', 'n1').status!.volumesAttached).toEqual([
    { name: `kubernetes.io/csi/ebs.csi.aws.com^${handle}`, devicePath: '' },
  ]);
  cluster.delete('Pod', 'first');
  cluster.advance('1m');
  expect(attachments(cluster)).toEqual([]);
  expect(cluster.get('Node', 'n1').status!.volumesAttached ?? []).toEqual([]);
});

test('a second node does not get it before the first has let go', () => {
  const { cluster, volume } = start();
  cluster.exec('first', ['sh', '-c', 'echo kept > /data/file']);
  cluster.client.create('pods', {
    ...pod('second', on('n2')),
    metadata: { name: 'second', namespace: 'default' },
  } as any);
  cluster.advance('3m');
  expect(cluster.get('Pod', 'second').status!.phase).toBe('Pending');
  expect(eventsOf(cluster, 'Pod/second', 'FailedAttachVolume')).toEqual([
    `Multi-Attach error for volume "${volume}" Volume is already used by pod(s) first`,
  ]);
  expect(eventsOf(cluster, 'Pod/second', 'FailedMount')).toEqual([
    'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[]: context deadline exceeded',
  ]);
  cluster.delete('Pod', 'first');
  cluster.advance('1m');
  expect(cluster.get('Pod', 'second').status!.phase).toBe('Running');
  expect(attachments(cluster)).toEqual(['n2 true']);
  expect(cluster.exec('second', ['cat', '/data/file']).stdout).toBe('kept\n');
});

test('pods of one node share it', () => {
  const { cluster } = start();
  cluster.apply(pod('second', on('n1')));
  cluster.untilReady();
  expect(attachments(cluster)).toEqual(['n1 true']);
});

test('a node that is gone keeps it for six minutes; one that is out of service lets go at once', () => {
  for (const isOutOfService of [false, true]) {
    const { cluster, volume } = start();
    cluster.faults.crashNode('n1');
    cluster.advance('2m');
    if (isOutOfService) {
      const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }];
      const broken = cluster.client.get('nodes', undefined, 'n1');
      cluster.client.update('nodes', {
        ...broken,
        spec: { ...broken.spec, taints: [...broken.spec.taints, ...taints] },
      });
    } else cluster.delete('Pod', 'first', 'default', { gracePeriodSeconds: 0 });
    cluster.advance('25s');
    cluster.apply(pod('second', on('n2')));
    cluster.advance('30s');
    const isRunning = () => cluster.get('Pod', 'second').status!.phase === 'Running';
    expect(isRunning()).toBe(isOutOfService);
    if (isOutOfService) continue;
    expect(eventsOf(cluster, 'Pod/second', 'FailedAttachVolume')).toEqual([
      `Multi-Attach error for volume "${volume}" Volume is already exclusively attached to one node and can't be attached to another`,
    ]);
    cluster.advance('4m');
    expect(isRunning()).toBe(false);
    cluster.advance('90s');
    expect(isRunning()).toBe(true);
  }
});

test('a volume goes with its claim, but not while it is attached', () => {
  const { cluster, volume } = start();
  cluster.delete('PersistentVolumeClaim', 'data');
  cluster.delete('Pod', 'first');
  cluster.until(() => !cluster.tryGet('PersistentVolumeClaim', 'data'));
  expect(cluster.tryGet('PersistentVolume', volume)).toBeDefined();
  cluster.advance('1m');
  expect(cluster.tryGet('PersistentVolume', volume)).toBeUndefined();
  expect(attachments(cluster)).toEqual([]);
});

test('a node takes as many volumes as its machine can have', () => {
  const cluster = startCluster({ nodes: [node('n1')] });
  const csiNode = cluster.client.get('csinodes.storage.k8s.io', undefined, 'n1');
  const [driver] = csiNode.spec.drivers;
  expect(driver.allocatable.count).toBe(26);
  cluster.client.update('csinodes.storage.k8s.io', {
    ...csiNode,
    spec: { drivers: [{ ...driver, allocatable: { count: 1 } }] },
  });
  cluster.apply(claim, pod('first'));
  cluster.untilReady();
  const other = { ...claim, metadata: { name: 'other' } };
  cluster.apply(other, pod('second', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'other' } }] }));
  cluster.advance('10s');
  expect(eventsOf(cluster, 'Pod/second', 'FailedScheduling')[0]).toMatch(
    /^0\/1 nodes are available: 1 node\(s\) exceed max volume count\./,
  );
});
