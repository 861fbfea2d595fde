import { clusterRoleAggregationController } from '../../../../lib/simulator/cluster/controllers/clusterrole-aggregation';
import { endpointSliceMirroringController } from '../../../../lib/simulator/cluster/controllers/endpoint-slice-mirroring';
import { ephemeralVolumeController } from '../../../../lib/simulator/cluster/controllers/ephemeral-volume';
import { garbageCollector } from '../../../../lib/simulator/cluster/controllers/garbage-collector';
import { persistentVolumeBinder } from '../../../../lib/simulator/cluster/controllers/persistent-volume-binder';
import { resourceQuotaController } from '../../../../lib/simulator/cluster/controllers/resource-quota';
import { volumeExpander } from '../../../../lib/simulator/cluster/controllers/volume-expander';
import { volumeProvisioningController } from '../../../../lib/simulator/cluster/controllers/volume-provisioning';
import { startStory, template } from '../../../helpers/story';

const pod = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: { ...template({}).spec, ...spec },
});

describe('ResourceQuota', () => {
  const requests = { cpu: '250m', memory: '64Mi' };
  const containers = [{ name: 'main', image: 'nginx:1', resources: { requests, limits: { cpu: '1' } } }];

  test('shows what the namespace uses, and forgets what is gone', () => {
    const { client, settle } = startStory({ controllers: [resourceQuotaController] });
    client.create('resourcequotas', {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q', namespace: 'default' },
      spec: {
        hard: { pods: '10', 'requests.cpu': '2', 'limits.cpu': '4', 'requests.memory': '1Gi', 'count/pods': '10' },
      },
    });
    const used = () => client.get('resourcequotas', 'default', 'q').status.used;
    for (const name of ['a', 'b']) client.create('pods', pod(name, { containers }));
    settle();
    expect(used()).toEqual({
      pods: '2',
      'requests.cpu': '500m',
      'limits.cpu': '2',
      'requests.memory': '128Mi',
      'count/pods': '2',
    });
    client.delete('pods', 'default', 'a');
    settle();
    expect(used()).toMatchObject({ pods: '1', 'requests.cpu': '250m' });
  });

  test('counts only the pods of its scope', () => {
    const { client, settle } = startStory({ controllers: [resourceQuotaController] });
    client.create('resourcequotas', {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q', namespace: 'default' },
      spec: { hard: { pods: '10' }, scopes: ['BestEffort'] },
    });
    client.create('pods', pod('modest'));
    client.create('pods', pod('greedy', { containers }));
    settle();
    expect(client.get('resourcequotas', 'default', 'q').status.used).toEqual({ pods: '1' });
  });
});

test('an aggregated ClusterRole has the rules of all roles that its selector finds', () => {
  const { client, settle } = startStory({ controllers: [clusterRoleAggregationController] });
  const role = (name: string, labels: Record<string, string>, extra: object) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels },
    ...extra,
  });
  const rules = [{ apiGroups: ['example.com'], resources: ['shops'], verbs: ['get'] }];
  client.create(
    'clusterroles.rbac.authorization.k8s.io',
    role('all-shops', {}, { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { shop: 'yes' } }] } }),
  );
  client.create('clusterroles.rbac.authorization.k8s.io', role('one-shop', { shop: 'yes' }, { rules }));
  settle();
  expect(client.get('clusterroles.rbac.authorization.k8s.io', undefined, 'all-shops').rules).toEqual(rules);
});

test('Endpoints written by hand are mirrored into an EndpointSlice, which goes with them', () => {
  const { client, settle } = startStory({ controllers: [endpointSliceMirroringController, garbageCollector] });
  const metadata = { name: 'db', namespace: 'default' };
  client.create('services', { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 5432 }] } });
  const subsets = [{ addresses: [{ ip: '192.0.2.7' }], ports: [{ port: 5432 }] }];
  client.create('endpoints', { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets });
  settle();
  const slices = () =>
    client
      .list('endpointslices.discovery.k8s.io', { namespace: 'default' })
      .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === 'db');
  expect(slices()).toMatchObject([
    {
      metadata: { labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' } },
      endpoints: [{ addresses: ['192.0.2.7'], conditions: { ready: true } }],
      ports: [{ port: 5432, protocol: 'TCP' }],
    },
  ]);
  client.delete('endpoints', 'default', 'db');
  settle();
  expect(slices()).toEqual([]);
});

describe('volumes', () => {
  const controllers = [
    persistentVolumeBinder,
    volumeProvisioningController,
    ephemeralVolumeController,
    volumeExpander,
    garbageCollector,
  ];
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner: 'ebs.csi.aws.com',
    allowVolumeExpansion: true,
  };
  const spec = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'fast',
    resources: { requests: { storage: '1Gi' } },
  };

  test('an ephemeral volume is a claim that comes and goes with its pod', () => {
    const { client, cluster, settle } = startStory({ controllers });
    client.create('storageclasses.storage.k8s.io', storageClass);
    client.create('pods', pod('job', { volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec } } }] }));
    settle();
    expect(client.get('persistentvolumeclaims', 'default', 'job-scratch').status.phase).toBe('Bound');
    client.delete('pods', 'default', 'job');
    settle();
    expect(cluster.store.count('pods')).toBe(0);
    const claim = client.tryGet('persistentvolumeclaims', 'default', 'job-scratch');
    expect(claim === undefined || claim.metadata.deletionTimestamp !== undefined).toBe(true);
  });

  test('a claim that asks for more gets it while a pod uses it', () => {
    const { client, settle } = startStory({ controllers });
    client.create('storageclasses.storage.k8s.io', storageClass);
    const metadata = { name: 'data', namespace: 'default' };
    client.create('persistentvolumeclaims', { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec });
    client.create('pods', pod('db', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }));
    settle();
    const claim = () => client.get('persistentvolumeclaims', 'default', 'data');
    expect(claim().status.capacity).toEqual({ storage: '1Gi' });
    const patch = { spec: { resources: { requests: { storage: '3Gi' } } } };
    client.patch('persistentvolumeclaims', 'default', 'data', 'merge', patch);
    settle();
    expect(claim().status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '3Gi' } });
    expect(client.get('persistentvolumes', undefined, claim().spec.volumeName).spec.capacity).toEqual({
      storage: '3Gi',
    });
  });
});
