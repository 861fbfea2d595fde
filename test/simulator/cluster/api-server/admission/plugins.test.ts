/** Admission plugins that look at other objects, each in one story. */
import { ApiServer } from '../../../../../lib/simulator/cluster/api-server/api-server';
import type { Client } from '../../../../../lib/simulator/cluster/client';
import { Store } from '../../../../../lib/simulator/cluster/store';
import { Simulation } from '../../../../../lib/simulator/simulation';

const start = (): Client => new ApiServer(new Simulation({}), new Store()).clientFor('system:test');

const pod = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
});

test('a runtime class adds its overhead and its nodes to a pod', () => {
  const client = start();
  client.create('runtimeclasses.node.k8s.io', {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: 'kata' },
    handler: 'kata',
    overhead: { podFixed: { cpu: '250m', memory: '120Mi' } },
    scheduling: { nodeSelector: { runtime: 'kata' }, tolerations: [{ key: 'kata', operator: 'Exists' }] },
  });
  const { spec } = client.create('pods', pod('a', { runtimeClassName: 'kata', nodeSelector: { disk: 'ssd' } }));
  expect(spec.overhead).toEqual({ cpu: '250m', memory: '120Mi' });
  expect(spec.nodeSelector).toEqual({ disk: 'ssd', runtime: 'kata' });
  expect(spec.tolerations).toContainEqual({ key: 'kata', operator: 'Exists' });
  expect(() => client.create('pods', pod('b', { runtimeClassName: 'gvisor' }))).toThrow(
    'pods "b" is forbidden: pod rejected: RuntimeClass "gvisor" not found',
  );
  expect(() => client.create('pods', pod('c', { runtimeClassName: 'kata', nodeSelector: { runtime: 'x' } }))).toThrow(
    'pods "c" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[runtime] = kata; pod.spec.nodeSelector[runtime] = x',
  );
  expect(() => client.create('pods', pod('d', { overhead: { cpu: '1' } }))).toThrow(
    'pods "d" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
  );
});

test('a claim grows only when its class lets it', () => {
  const client = start();
  for (const [name, allowVolumeExpansion] of [
    ['elastic', true],
    ['rigid', false],
  ] as const) {
    const metadata = { name };
    const provisioner = 'ebs.csi.aws.com';
    const storageClass = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata, provisioner };
    client.create('storageclasses.storage.k8s.io', { ...storageClass, allowVolumeExpansion });
    const claim = client.create('persistentvolumeclaims', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'default' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: name,
        volumeName: `pv-${name}`,
        resources: { requests: { storage: '1Gi' } },
      },
    });
    const status = { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } };
    client.updateStatus('persistentvolumeclaims', { ...claim, status });
  }
  const grow = (name: string) =>
    client.patch('persistentvolumeclaims', 'default', name, 'merge', {
      spec: { resources: { requests: { storage: '2Gi' } } },
    });
  expect(grow('elastic').spec.resources.requests.storage).toBe('2Gi');
  expect(() => grow('rigid')).toThrow(
    'persistentvolumeclaims "rigid" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
  );
});

test('a pod learns the zone of the node that it is bound to', () => {
  const client = start();
  const labels = {
    'topology.kubernetes.io/zone': 'eu-west-1a',
    'topology.kubernetes.io/region': 'eu-west-1',
    other: 'x',
  };
  client.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels } });
  client.create('pods', pod('a'));
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'a', namespace: 'default' },
    target: { kind: 'Node', name: 'n1' },
  };
  client.create('pods', binding, { subresource: 'binding' });
  expect(client.get('pods', 'default', 'a').metadata.labels).toEqual({
    'topology.kubernetes.io/zone': 'eu-west-1a',
    'topology.kubernetes.io/region': 'eu-west-1',
  });
  const placed = client.create('pods', pod('b', { nodeName: 'n1' }));
  expect(placed.metadata.labels).toMatchObject({ 'topology.kubernetes.io/zone': 'eu-west-1a' });
});

test('only one class is the priority of all others, and a pod keeps its own', () => {
  const client = start();
  const priorityClass = (name: string, value: number) => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    globalDefault: true,
  });
  client.create('priorityclasses.scheduling.k8s.io', priorityClass('usual', 10));
  expect(() => client.create('priorityclasses.scheduling.k8s.io', priorityClass('other', 20))).toThrow(
    'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
  );
  const created = client.create('pods', pod('a'));
  expect(created.spec).toMatchObject({ priority: 10, priorityClassName: 'usual' });
  const { priority: _, preemptionPolicy: __, ...spec } = created.spec;
  expect(client.update('pods', { ...created, spec }).spec.priority).toBe(10);
});

test('a mirror pod can use nothing that the server would have to give it', () => {
  const client = start();
  const mirror = (spec: object) => {
    const made = pod('static', { nodeName: 'n1', ...spec });
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    return { ...made, metadata: { ...made.metadata, annotations } };
  };
  expect(() => client.create('pods', mirror({ serviceAccountName: 'default' }))).toThrow(
    'pods "static" is forbidden: a mirror pod may not reference service accounts',
  );
  expect(() => client.create('pods', mirror({ volumes: [{ name: 'v', secret: { secretName: 's' } }] }))).toThrow(
    'a mirror pod may not reference secrets',
  );
  expect(client.create('pods', mirror({})).spec.serviceAccountName).toBeUndefined();
});
