import { garbageCollector } from '../../../../lib/simulator/cluster/controllers/garbage-collector';
import { startStory } from '../../../helpers/story';

const configMap = (name: string, owners: object[] = [], extra: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name,
    namespace: 'default',
    ...(owners.length > 0 ? { ownerReferences: owners as never } : {}),
    ...extra,
  },
});
const start = () => {
  const story = startStory({ controllers: [garbageCollector] });
  const create = (name: string, owners: object[] = [], extra: object = {}) =>
    story.client.create('configmaps', configMap(name, owners, extra));
  const reference = (name: string, extra: object = {}) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name,
    uid: story.client.get('configmaps', 'default', name).metadata.uid,
    ...extra,
  });
  const names = () => story.client.list('configmaps', { namespace: 'default' }).map((object) => object.metadata.name);
  return { ...story, create, reference, names };
};

describe('garbage collection', () => {
  test('background: the owner goes at once, then its dependents and theirs', () => {
    const { client, create, reference, names, settle } = start();
    create('owner');
    create('child', [reference('owner')]);
    create('grandchild', [reference('child')]);
    create('stranger');
    settle();
    client.delete('configmaps', 'default', 'owner', { propagationPolicy: 'Background' });
    expect(names()).toEqual(['child', 'grandchild', 'stranger']);
    settle();
    expect(names()).toEqual(['stranger']);
  });

  test('an owner in another namespace counts as absent, and an event says so', () => {
    const { client, names, settle, eventsOf } = start();
    client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
    const far = configMap('far');
    const { uid } = client.create('configmaps', { ...far, metadata: { ...far.metadata, namespace: 'other' } }).metadata;
    settle();
    client.create('configmaps', configMap('child', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'far', uid }]));
    settle();
    expect(names()).not.toContain('child');
    expect(eventsOf('ConfigMap', 'child')).toEqual([
      `Warning OwnerRefInvalidNamespace ownerRef [v1/ConfigMap, namespace: default, name: far, uid: ${uid}] does not exist in namespace "default"`,
    ]);
  });

  test('an object with another owner stays, and forgets the one that is gone', () => {
    const { client, create, reference, names, settle } = start();
    create('a');
    create('b');
    create('child', [reference('a'), reference('b')]);
    settle();
    client.delete('configmaps', 'default', 'a');
    settle();
    expect(names()).toEqual(['b', 'child']);
    const owners = client.get('configmaps', 'default', 'child').metadata.ownerReferences!;
    expect(owners.map((owner) => owner.name)).toEqual(['b']);
  });

  test('foreground: the owner waits for dependents that block it', () => {
    const { client, create, reference, names, settle } = start();
    create('owner');
    create('child', [reference('owner', { blockOwnerDeletion: true })], { finalizers: ['example.com/hold'] });
    settle();
    client.delete('configmaps', 'default', 'owner', { propagationPolicy: 'Foreground' });
    settle();
    expect(names()).toEqual(['child', 'owner']);
    expect(client.get('configmaps', 'default', 'owner').metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(client.get('configmaps', 'default', 'child').metadata.deletionTimestamp).toBeDefined();
    const child = client.get('configmaps', 'default', 'child');
    client.update('configmaps', { ...child, metadata: { ...child.metadata, finalizers: [] } });
    settle();
    expect(names()).toEqual([]);
  });

  test('orphan: the dependents stay, without owner', () => {
    const { client, create, reference, names, settle } = start();
    create('owner');
    create('child', [reference('owner')]);
    settle();
    client.delete('configmaps', 'default', 'owner', { propagationPolicy: 'Orphan' });
    settle();
    expect(names()).toEqual(['child']);
    expect(client.get('configmaps', 'default', 'child').metadata.ownerReferences).toBeUndefined();
  });

  test('an object created for an owner that is already gone does not stay', () => {
    const { client, create, reference, names, settle } = start();
    create('owner');
    const gone = reference('owner');
    client.delete('configmaps', 'default', 'owner');
    settle();
    create('late', [gone]);
    settle();
    expect(names()).toEqual([]);
  });

  test('a circle of owners that are deleted in the foreground comes to an end', () => {
    const { client, create, reference, names, settle } = start();
    create('a');
    create('b', [reference('a', { blockOwnerDeletion: true })]);
    const a = client.get('configmaps', 'default', 'a');
    client.update('configmaps', {
      ...a,
      metadata: { ...a.metadata, ownerReferences: [reference('b', { blockOwnerDeletion: true }) as never] },
    });
    settle();
    client.delete('configmaps', 'default', 'a', { propagationPolicy: 'Foreground' });
    settle();
    expect(names()).toEqual([]);
  });
});
