import { persistentVolumeBinder } from '../../../../lib/simulator/cluster/controllers/persistent-volume-binder';
import {
  pvcProtectionController,
  pvProtectionController,
} from '../../../../lib/simulator/cluster/controllers/volume-protection';
import { volumeProvisioningController } from '../../../../lib/simulator/cluster/controllers/volume-provisioning';
import { startStory, template } from '../../../helpers/story';

const claim = (spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } }, ...spec },
});
const volume = (name: string, storage: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' }, ...spec },
});
const storageClass = (name: string, spec: object = {}) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner: 'ebs.csi.aws.com',
  ...spec,
});

function start() {
  const story = startStory({
    controllers: [
      persistentVolumeBinder,
      volumeProvisioningController,
      pvcProtectionController,
      pvProtectionController,
    ],
  });
  const { client } = story;
  client.create('nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-0', labels: { 'topology.kubernetes.io/zone': 'eu-west-1b' } },
  });
  const get = () => client.get('persistentvolumeclaims', 'default', 'data');
  const events = () => story.eventsOf('PersistentVolumeClaim', 'data');
  return { ...story, get, events };
}

describe('a PersistentVolumeClaim', () => {
  test('is bound to the smallest volume that is big enough', () => {
    const { client, get, settle } = start();
    for (const [name, size] of [
      ['small', '1Gi'],
      ['big', '100Gi'],
      ['right', '8Gi'],
    ] as const) {
      client.create('persistentvolumes', volume(name, size));
    }
    client.create('persistentvolumeclaims', claim({ storageClassName: '' }));
    settle();
    expect(get().spec.volumeName).toBe('right');
    expect(get().status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '8Gi' } });
    expect(get().metadata.annotations).toMatchObject({ 'pv.kubernetes.io/bind-completed': 'yes' });
    const bound = client.get('persistentvolumes', undefined, 'right');
    expect(bound.status.phase).toBe('Bound');
    expect(bound.spec.claimRef).toMatchObject({ kind: 'PersistentVolumeClaim', name: 'data', uid: get().metadata.uid });
  });

  test('says why it waits when there is neither a volume nor a class', () => {
    const { client, get, events, settle } = start();
    client.create('persistentvolumeclaims', claim({ storageClassName: '' }));
    settle();
    expect(get().status.phase).toBe('Pending');
    expect(events()).toEqual([
      'Normal FailedBinding no persistent volumes available for this claim and no storage class is set',
    ]);
  });

  test('of a class that does not exist fails with its name', () => {
    const { client, events, settle } = start();
    client.create('persistentvolumeclaims', claim({ storageClassName: 'none' }));
    settle();
    expect(events()).toEqual(['Warning ProvisioningFailed storageclass.storage.k8s.io "none" not found']);
  });

  test('waits for its first consumer, then gets a volume in the zone of that node', () => {
    const { client, get, events, settle } = start();
    client.create('storageclasses.storage.k8s.io', storageClass('fast', { volumeBindingMode: 'WaitForFirstConsumer' }));
    client.create('persistentvolumeclaims', claim({ storageClassName: 'fast' }));
    settle();
    expect(get().status.phase).toBe('Pending');
    expect(events()).toEqual(['Normal WaitForFirstConsumer waiting for first consumer to be created before binding']);
    const annotations = { 'volume.kubernetes.io/selected-node': 'node-0' };
    client.update('persistentvolumeclaims', { ...get(), metadata: { ...get().metadata, annotations } });
    settle();
    expect(get().status.phase).toBe('Bound');
    const name = `pvc-${get().metadata.uid}`;
    expect(get().spec.volumeName).toBe(name);
    expect(client.get('persistentvolumes', undefined, name).spec).toMatchObject({
      capacity: { storage: '5Gi' },
      csi: { driver: 'ebs.csi.aws.com', fsType: 'ext4', volumeHandle: expect.stringMatching(/^vol-0[0-9a-f]{16}$/) },
      persistentVolumeReclaimPolicy: 'Delete',
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ values: ['eu-west-1b'] }] }] } },
    });
    expect(events().map((event) => event.split(' ')[1])).toEqual([
      'WaitForFirstConsumer',
      'ExternalProvisioning',
      'Provisioning',
      'ProvisioningSucceeded',
    ]);
  });

  test('without a class gets the default class, also when that comes later', () => {
    const { client, get, settle } = start();
    client.create('persistentvolumeclaims', claim());
    settle();
    expect(get().spec.storageClassName).toBeUndefined();
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    const standard = storageClass('standard', { volumeBindingMode: 'Immediate' });
    client.create('storageclasses.storage.k8s.io', { ...standard, metadata: { name: 'standard', annotations } });
    settle();
    expect(get().spec.storageClassName).toBe('standard');
    expect(get().status.phase).toBe('Bound');
  });

  test('is kept while a pod uses it; then its volume goes as the reclaim policy says', () => {
    const { client, cluster, get, settle } = start();
    client.create('storageclasses.storage.k8s.io', storageClass('fast'));
    client.create('persistentvolumeclaims', claim({ storageClassName: 'fast' }));
    const { spec } = template({});
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    client.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'db', namespace: 'default' },
      spec: { ...spec, volumes },
    });
    settle();
    client.delete('persistentvolumeclaims', 'default', 'data');
    settle();
    expect(get().metadata.deletionTimestamp).toBeDefined();
    expect(get().metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
    client.delete('pods', 'default', 'db');
    settle();
    expect(client.tryGet('persistentvolumeclaims', 'default', 'data')).toBeUndefined();
    expect(cluster.store.count('persistentvolumes')).toBe(0);
  });

  test('with the policy Retain leaves its volume Released', () => {
    const { client, settle } = start();
    client.create('persistentvolumes', volume('kept', '5Gi', { persistentVolumeReclaimPolicy: 'Retain' }));
    client.create('persistentvolumeclaims', claim({ storageClassName: '' }));
    settle();
    client.delete('persistentvolumeclaims', 'default', 'data');
    settle();
    expect(client.get('persistentvolumes', undefined, 'kept').status.phase).toBe('Released');
  });
});
