import { garbageCollector } from '../../../../lib/simulator/cluster/controllers/garbage-collector';
import { statefulSetController } from '../../../../lib/simulator/cluster/controllers/statefulset';
import { pvcProtectionController } from '../../../../lib/simulator/cluster/controllers/volume-protection';
import { startStory, template, updateSpec } from '../../../helpers/story';

const labels = { app: 'db' };
const SETS = 'statefulsets.apps';
const set = (replicas: number, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'default' },
  spec: { replicas, serviceName: 'db', selector: { matchLabels: labels }, template: template(labels), ...spec },
});
const volumeClaimTemplates = [
  {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
];

function start(options: object = {}) {
  const story = startStory({
    controllers: [statefulSetController, garbageCollector, pvcProtectionController],
    ...options,
  });
  const get = () => story.client.get(SETS, 'default', 'db');
  const names = () => story.pods().map((pod) => pod.metadata.name);
  /** Pods as they came and went. */
  const log = () =>
    story.cluster.store
      .eventsAfter('pods', 0)!
      .filter(({ type }) => type !== 'MODIFIED')
      .map(({ type, object }) => `${type === 'ADDED' ? '+' : '-'}${object.metadata.name}`);
  return { ...story, get, names, log };
}

describe('StatefulSet', () => {
  test('gives a pod back the labels by which it is found', () => {
    const { client, eventsOf, settle } = start();
    client.create(SETS, set(1));
    settle();
    const label = 'statefulset.kubernetes.io/pod-name';
    client.patch('pods', 'default', 'db-0', 'merge', { metadata: { labels: { [label]: 'other' } } });
    settle();
    expect(client.get('pods', 'default', 'db-0').metadata.labels?.[label]).toBe('db-0');
    expect(eventsOf('StatefulSet', 'db').at(-1)).toBe(
      'Normal SuccessfulUpdate update Pod db-0 in StatefulSet db successful',
    );
  });

  test('makes its pods one after the other, each with name, number and claim', () => {
    const { client, cluster, names, get, eventsOf, settle } = start();
    client.create(SETS, set(3, { volumeClaimTemplates }));
    cluster.simulation.advance('900ms');
    expect(names()).toEqual(['db-0']);
    settle();
    expect(names()).toEqual(['db-0', 'db-1', 'db-2']);
    const pod = client.get('pods', 'default', 'db-1');
    expect(pod.metadata.labels).toMatchObject({
      app: 'db',
      'apps.kubernetes.io/pod-index': '1',
      'statefulset.kubernetes.io/pod-name': 'db-1',
      'controller-revision-hash': expect.stringMatching(/^db-[a-z0-9]+$/),
    });
    expect(pod.spec).toMatchObject({
      hostname: 'db-1',
      subdomain: 'db',
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }],
    });
    expect(client.get('persistentvolumeclaims', 'default', 'data-db-1').metadata.labels).toEqual(labels);
    expect(eventsOf('StatefulSet', 'db').slice(0, 2)).toEqual([
      'Normal SuccessfulCreate create Claim data-db-0 Pod db-0 in StatefulSet db success',
      'Normal SuccessfulCreate create Pod db-0 in StatefulSet db successful',
    ]);
    expect(get().status).toMatchObject({ replicas: 3, readyReplicas: 3, currentReplicas: 3, updatedReplicas: 3 });
  });

  test('Parallel does not wait', () => {
    const { client, cluster, names } = start();
    client.create(SETS, set(3, { podManagementPolicy: 'Parallel' }));
    cluster.simulation.advance('100ms');
    expect(names()).toEqual(['db-0', 'db-1', 'db-2']);
  });

  test('shrinks from the highest number down; the claims stay', () => {
    const { client, cluster, log, names, settle } = start();
    client.create(SETS, set(3, { volumeClaimTemplates }));
    settle();
    updateSpec(client, SETS, 'db', { replicas: 1 });
    settle();
    expect(names()).toEqual(['db-0']);
    expect(log().slice(3)).toEqual(['-db-2', '-db-1']);
    expect(cluster.store.count('persistentvolumeclaims')).toBe(3);
  });

  test('with whenScaled: Delete the claims go with their pods', () => {
    const { client, cluster, settle } = start();
    const persistentVolumeClaimRetentionPolicy = { whenScaled: 'Delete', whenDeleted: 'Retain' };
    client.create(SETS, set(2, { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy }));
    settle();
    updateSpec(client, SETS, 'db', { replicas: 1 });
    settle();
    expect([...cluster.store.list('persistentvolumeclaims')].map((claim) => claim.metadata.name)).toEqual([
      'data-db-0',
    ]);
  });

  test('updates from the highest number down to the partition', () => {
    const { client, log, get, settle } = start();
    client.create(SETS, set(3));
    settle();
    const before = get().status.currentRevision;
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
    updateSpec(client, SETS, 'db', { updateStrategy, template: template(labels, 'nginx:2') });
    settle();
    expect(log().slice(3)).toEqual(['-db-2', '+db-2', '-db-1', '+db-1']);
    expect(get().status).toMatchObject({ currentRevision: before, currentReplicas: 1, updatedReplicas: 2 });
    updateSpec(client, SETS, 'db', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } });
    settle();
    expect(get().status.currentRevision).toBe(get().status.updateRevision);
    expect(get().status.currentRevision).not.toBe(before);
  });

  test('an old template that comes back gets its revision back, with the next number', () => {
    const { client, get, settle } = start();
    client.create(SETS, set(1));
    settle();
    const first = get().status.currentRevision;
    updateSpec(client, SETS, 'db', { template: template(labels, 'nginx:2') });
    settle();
    updateSpec(client, SETS, 'db', { template: template(labels, 'nginx:1') });
    settle();
    expect(get().status.currentRevision).toBe(first);
    const revisions = client
      .list('controllerrevisions.apps')
      .map((each) => [each.metadata.name === first, each.revision]);
    expect(revisions.sort()).toEqual([
      [false, 2],
      [true, 3],
    ]);
  });

  test('a bad update stops at the first pod', () => {
    const { client, cluster, log, get, settle } = start();
    client.create(SETS, set(3));
    settle();
    updateSpec(client, SETS, 'db', { template: template(labels, 'bad:1') });
    cluster.simulation.advance('10m');
    expect(log().slice(3)).toEqual(['-db-2', '+db-2']);
    expect(get().status).toMatchObject({ readyReplicas: 2, updatedReplicas: 1 });
  });

  test('starts counting where ordinals.start says', () => {
    const { client, names, settle } = start();
    client.create(SETS, set(2, { ordinals: { start: 5 } }));
    settle();
    expect(names()).toEqual(['db-5', 'db-6']);
  });
});
