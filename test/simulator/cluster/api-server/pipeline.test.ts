/** What every write goes through, told from inside the simulation: the same code and the same answers as over HTTP. */
import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import type { StatusError } from '../../../../lib/kubernetes/status-error';
import { ApiServer } from '../../../../lib/simulator/cluster/api-server/api-server';
import { Store } from '../../../../lib/simulator/cluster/store';
import { Simulation } from '../../../../lib/simulator/simulation';

const configMap = (name: string, extra: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  ...extra,
});

const pod = (name: string, metadata: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...metadata },
  spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] },
});

function start() {
  const simulation = new Simulation();
  const store = new Store();
  const client = new ApiServer(simulation, store).clientFor('system:admin', 'tester');
  return { simulation, store, client };
}

function failureOf(action: () => unknown): StatusError {
  try {
    action();
  } catch (error) {
    return error as StatusError;
  }
  throw new Error('it did not fail');
}

describe('create', () => {
  test('gives identity, time, defaults and an owner of the fields', () => {
    const { client } = start();
    const created = client.create('pods', pod('web'));
    expect(created.metadata).toMatchObject({
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(created.spec).toMatchObject({ restartPolicy: 'Always', serviceAccountName: 'default', priority: 0 });
    expect(created.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
    expect(created.metadata.managedFields).toMatchObject([{ manager: 'tester', operation: 'Update' }]);
  });

  test('tells of a missing name together with whatever else is wrong', () => {
    const { client } = start();
    const { metadata, ...rest } = configMap('', { data: { 'a/b': 'x' } });
    const failure = failureOf(() =>
      client.create('configmaps', { ...rest, metadata: { namespace: metadata.namespace! } }),
    );
    expect(failure.details?.causes?.map(({ field }) => field)).toEqual(['metadata.name', 'data[a/b]']);
  });

  test('makes a name from generateName', () => {
    const { client } = start();
    const object = { ...configMap(''), metadata: { generateName: 'web-', namespace: 'default' } };
    expect(client.create('configmaps', object).metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test('refuses a field that nobody knows, and one of the wrong type', () => {
    const { client } = start();
    const unknown = failureOf(() => client.create('configmaps', configMap('a', { dataa: {} })));
    expect(unknown.message).toContain('strict decoding error: unknown field "dataa"');
    const wrong = failureOf(() => client.create('configmaps', configMap('a', { data: { x: 1 } })));
    expect(wrong).toMatchObject({ code: 400, reason: 'BadRequest' });
    expect(wrong.message).toContain('cannot unmarshal number into Go struct field ConfigMap.data of type string');
  });

  test('refuses a namespace that is not there, and a second object of the same name', () => {
    const { client } = start();
    const elsewhere = { ...configMap('a'), metadata: { name: 'a', namespace: 'ghost' } };
    expect(failureOf(() => client.create('configmaps', elsewhere)).message).toBe('namespaces "ghost" not found');
    client.create('configmaps', configMap('a'));
    expect(failureOf(() => client.create('configmaps', configMap('a'))).reason).toBe('AlreadyExists');
  });

  test('a dry run answers as if, and stores nothing', () => {
    const { client, store } = start();
    const before = store.revision;
    expect(client.create('configmaps', configMap('a'), { dryRun: true }).metadata.uid).toBeDefined();
    expect(store.revision).toBe(before);
  });

  test('names like __proto__ are names like any other', () => {
    const { client } = start();
    const data = JSON.parse('{"__proto__": "x", "constructor": "y"}');
    const stored = client.create('configmaps', configMap('odd', { data }));
    expect(Object.keys(stored.data)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('update', () => {
  test('counts the generation when the spec changes, and only then', () => {
    const { client } = start();
    const deployment = client.create('deployments.apps', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: pod('').spec },
      },
    });
    const labelled = client.patch('deployments.apps', 'default', 'web', 'merge', { metadata: { labels: { a: 'b' } } });
    const scaled = client.patch('deployments.apps', 'default', 'web', 'merge', { spec: { replicas: 5 } });
    expect([deployment, labelled, scaled].map(({ metadata }) => metadata.generation)).toEqual([1, 1, 2]);
  });

  test('that changes nothing is no write, and shares what did not change when it is one', () => {
    const { client, store } = start();
    const first = client.create('configmaps', configMap('a', { data: { x: '1' } }));
    const revision = store.revision;
    expect(client.update('configmaps', first)).toBe(first);
    expect(store.revision).toBe(revision);
    const second = client.patch('configmaps', 'default', 'a', 'merge', { metadata: { labels: { a: 'b' } } });
    expect(second.data).toBe(first.data);
  });

  test('of an old version is a conflict', () => {
    const { client } = start();
    const first = client.create('configmaps', configMap('a'));
    client.patch('configmaps', 'default', 'a', 'merge', { data: { x: '1' } });
    const { code, reason, message } = failureOf(() => client.update('configmaps', { ...first, data: { x: '2' } }));
    expect([code, reason]).toEqual([409, 'Conflict']);
    expect(message).toContain('the object has been modified; please apply your changes to the latest version');
  });

  test('of the status leaves the rest alone', () => {
    const { client } = start();
    const created = client.create('pods', pod('web'));
    const changed = { ...created, spec: {}, status: { ...created.status, phase: 'Running' } };
    const updated = client.updateStatus('pods', changed as KubernetesObject);
    expect(updated.status.phase).toBe('Running');
    expect(updated.spec).toBe(created.spec);
  });
});

describe('delete', () => {
  test('waits for finalizers', () => {
    const { client } = start();
    client.create('pods', pod('web', { finalizers: ['example.com/hold'] }));
    client.delete('pods', 'default', 'web');
    expect(client.get('pods', 'default', 'web').metadata.deletionTimestamp).toBeDefined();
    client.patch('pods', 'default', 'web', 'merge', { metadata: { finalizers: null } });
    expect(client.tryGet('pods', 'default', 'web')).toBeUndefined();
  });

  test('gives a running Pod its grace period, which a second delete may only shorten', () => {
    const { client } = start();
    client.create('pods', pod('web'));
    client.create(
      'pods',
      { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'web', namespace: 'default' }, target: { name: 'n1' } },
      { subresource: 'binding' },
    );
    client.delete('pods', 'default', 'web');
    const grace = () => client.get('pods', 'default', 'web').metadata.deletionGracePeriodSeconds;
    expect(grace()).toBe(30);
    client.delete('pods', 'default', 'web', { gracePeriodSeconds: 60 });
    expect(grace()).toBe(30);
    client.delete('pods', 'default', 'web', { gracePeriodSeconds: 0 });
    expect(client.tryGet('pods', 'default', 'web')).toBeUndefined();
  });

  test('of a namespace makes it Terminating until its spec is empty', () => {
    const { client } = start();
    client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    client.delete('namespaces', undefined, 'shop');
    const shop = client.get('namespaces', undefined, 'shop');
    expect(shop.status.phase).toBe('Terminating');
    client.update('namespaces', { ...shop, spec: { finalizers: [] } }, { subresource: 'finalize' });
    expect(client.tryGet('namespaces', undefined, 'shop')).toBeUndefined();
  });

  test('spares the namespaces that a cluster cannot live without', () => {
    const { client } = start();
    expect(failureOf(() => client.delete('namespaces', undefined, 'default')).message).toBe(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
  });
});

test('lists are ordered by namespace and name, and selected by labels and fields', () => {
  const { client } = start();
  for (const [name, app] of Object.entries({ c: 'x', a: 'x', b: 'y' })) {
    client.create('pods', pod(name, { labels: { app } }));
  }
  const names = (options: object) => client.list('pods', options).map(({ metadata }) => metadata.name);
  expect(names({})).toEqual(['a', 'b', 'c']);
  expect(names({ labelSelector: 'app in (x)' })).toEqual(['a', 'c']);
  expect(names({ fieldSelector: 'metadata.name!=a,status.phase=Pending' })).toEqual(['b', 'c']);
});

test('a generated name that is taken is replaced by another one', () => {
  const { client } = start();
  const template = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'm-', namespace: 'default' } };
  // With five characters of 27, two of 10,000 names are almost certainly the same.
  for (let i = 0; i < 10_000; i++) client.create('configmaps', template);
  expect(client.list('configmaps', { namespace: 'default' })).toHaveLength(10_000);
});
