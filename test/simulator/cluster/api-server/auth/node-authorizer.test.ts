/** What a kubelet may read: what the pods on its node lead to, and nothing else. */
import { ApiServer } from '../../../../../lib/simulator/cluster/api-server/api-server';
import { Store } from '../../../../../lib/simulator/cluster/store';
import { Simulation } from '../../../../../lib/simulator/simulation';

function start() {
  const server = new ApiServer(new Simulation({}), new Store());
  const client = server.clientFor('system:test');
  const user = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
  const may = (verb: string, what: string, name: string, more: object = {}) => {
    const [resource = '', group = ''] = what.split('@');
    const [plural = '', subresource = ''] = resource.split('/');
    const namespace = ['persistentvolumes', 'volumeattachments', 'resourceslices'].includes(plural) ? '' : 'default';
    const attributes = { group, version: 'v1', resource: plural, subresource, namespace, name, ...more };
    return server.authorizer({ user, verb, resource: attributes })!;
  };
  return { client, may };
}

test('pod, claim, volume, secret: what is mounted on the node is open to it', () => {
  const { client, may } = start();
  const claim = (name: string, volumeName: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], volumeName, resources: { requests: { storage: '1Gi' } } },
  });
  const volume = (name: string, claimName: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      claimRef: { namespace: 'default', name: claimName },
      csi: {
        driver: 'ebs.csi.aws.com',
        volumeHandle: name,
        nodePublishSecretRef: { name: `key-of-${name}`, namespace: 'default' },
      },
    },
  });
  for (const which of ['a', 'b']) {
    client.create('persistentvolumes', volume(`pv-${which}`, `claim-${which}`));
    client.create('persistentvolumeclaims', claim(`claim-${which}`, `pv-${which}`));
  }
  client.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: {
      nodeName: 'n1',
      containers: [{ name: 'c', image: 'x', envFrom: [{ configMapRef: { name: 'settings' } }] }],
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'claim-a' } }],
    },
  });
  expect(may('get', 'configmaps', 'settings').allowed).toBe(true);
  expect(may('get', 'persistentvolumeclaims', 'claim-a').allowed).toBe(true);
  expect(may('patch', 'persistentvolumeclaims/status', 'claim-a').allowed).toBe(true);
  expect(may('get', 'persistentvolumes', 'pv-a').allowed).toBe(true);
  expect(may('get', 'secrets', 'key-of-pv-a').allowed).toBe(true);
  const unrelated = { allowed: false, reason: "no relationship found between node 'n1' and this object" };
  expect(may('get', 'persistentvolumeclaims', 'claim-b')).toEqual(unrelated);
  expect(may('get', 'persistentvolumes', 'pv-b')).toEqual(unrelated);
  expect(may('get', 'secrets', 'key-of-pv-b')).toEqual(unrelated);
  expect(may('list', 'persistentvolumes', '').reason).toBe('can only get individual resources of this type');
});

test('attachments and slices of the node are its own', () => {
  const { client, may } = start();
  for (const node of ['n1', 'n2']) {
    client.create('volumeattachments.storage.k8s.io', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: `to-${node}` },
      spec: { attacher: 'ebs.csi.aws.com', nodeName: node, source: { persistentVolumeName: 'pv' } },
    });
  }
  const attachments = 'volumeattachments@storage.k8s.io';
  expect(may('get', attachments, 'to-n1').allowed).toBe(true);
  expect(may('get', attachments, 'to-n2').allowed).toBe(false);
  const slices = 'resourceslices@resource.k8s.io';
  expect(may('list', slices, '', { fieldSelector: 'spec.nodeName=n1' }).allowed).toBe(true);
  expect(may('list', slices, '').reason).toBe(
    'can only list/watch/deletecollection resourceslices with nodeName field selector',
  );
});
