import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import { StatusError } from '../../../../lib/kubernetes/status-error';
import type { Client } from '../../../../lib/simulator/cluster/client';
import { Cluster } from '../../../../lib/simulator/cluster/cluster';

const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';
const WIDGETS = 'widgets.example.com';

const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer', default: 3, minimum: 1 },
        color: { type: 'string', enum: ['red', 'blue'] },
        min: { type: 'integer' },
        tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
      },
      'x-kubernetes-validations': [
        { rule: '!has(self.min) || self.min <= self.size', message: 'min > size', fieldPath: '.min' },
        { rule: 'self.size >= oldSelf.size', message: 'may not shrink' },
      ],
    },
    status: { type: 'object', properties: { ready: { type: 'boolean' } } },
  },
};

const definition = (more: object = {}): KubernetesObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: WIDGETS },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: SCHEMA },
        subresources: { status: {} },
        ...more,
      },
    ],
  },
});

const widget = (spec: object, metadata: object = {}): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w', namespace: 'default', ...metadata },
  spec,
});

function refusal(run: () => unknown): { code: number; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('expected a StatusError');
}

describe('a custom resource', () => {
  let client: Client;

  beforeEach(() => {
    client = new Cluster({ controllers: false }).clientFor('admin');
    client.create(DEFINITIONS, definition());
  });

  it('is served as soon as its names are accepted and it is established', () => {
    const { status } = client.get(DEFINITIONS, undefined, WIDGETS);
    expect(status.conditions.map((c: any) => [c.type, c.status, c.reason])).toEqual([
      ['NamesAccepted', 'True', 'NoConflicts'],
      ['Established', 'True', 'InitialNamesAccepted'],
    ]);
    expect(status.acceptedNames).toMatchObject({ plural: 'widgets', singular: 'widget', listKind: 'WidgetList' });
    expect(client.list(WIDGETS)).toEqual([]);
  });

  it('gets its defaults and a generation, and keeps status for the status subresource', () => {
    const created = client.create(WIDGETS, { ...widget({ color: 'red' }), status: { ready: true } });
    expect(created).toMatchObject({ spec: { color: 'red', size: 3 }, metadata: { generation: 1 } });
    expect(created.status).toBeUndefined();
    const ready = client.updateStatus(WIDGETS, { ...created, spec: { size: 9 }, status: { ready: true } });
    expect(ready).toMatchObject({
      spec: { color: 'red', size: 3 },
      status: { ready: true },
      metadata: { generation: 1 },
    });
    const larger = client.patch(WIDGETS, 'default', 'w', 'merge', { spec: { size: 4 } });
    expect(larger).toMatchObject({ spec: { size: 4 }, status: { ready: true }, metadata: { generation: 2 } });
  });

  it.each<[object, string]>([
    [{ size: 0 }, 'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1'],
    [{ size: 'x' }, 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"'],
    [{ color: 'green' }, 'spec.color: Unsupported value: "green": supported values: "red", "blue"'],
    [{ tags: ['a', 'a'] }, 'spec.tags[1]: Duplicate value: "a"'],
    [{ min: 5 }, 'spec.min: Invalid value: min > size'],
  ])('is refused for %j', (spec, cause) => {
    expect(refusal(() => client.create(WIDGETS, widget(spec)))).toMatchObject({
      code: 422,
      message: expect.stringContaining(cause),
    });
  });

  it('may not do what a rule forbids between the old and the new object', () => {
    client.create(WIDGETS, widget({ size: 5 }));
    const shrink = () => client.patch(WIDGETS, 'default', 'w', 'merge', { spec: { size: 4 } });
    expect(refusal(shrink).message).toContain('spec: Invalid value: may not shrink');
  });

  it('can be applied by several managers', () => {
    const apply = (fieldManager: string, spec: object) =>
      client.patch(WIDGETS, 'default', 'w', 'apply', widget(spec), { fieldManager });
    apply('a', { tags: ['x'] });
    const both = apply('b', { tags: ['y'] });
    expect(both.spec.tags).toEqual(['x', 'y']);
    expect(refusal(() => apply('a', { bogus: 1 }))).toMatchObject({
      code: 500,
      message: expect.stringContaining('.spec.bogus: field not declared in schema'),
    });
  });

  it('goes when its definition goes, and the definition goes when the last object is gone', () => {
    client.create(WIDGETS, widget({}, { name: 'free' }));
    client.create(WIDGETS, widget({}, { name: 'held', finalizers: ['example.com/hold'] }));
    client.delete(DEFINITIONS, undefined, WIDGETS);
    expect(client.list(WIDGETS).map((object) => object.metadata.name)).toEqual(['held']);
    expect(refusal(() => client.create(WIDGETS, widget({}, { name: 'late' }))).message).toBe(
      'widgets.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
    );
    client.patch(WIDGETS, 'default', 'held', 'merge', { metadata: { finalizers: null } });
    expect(client.tryGet(DEFINITIONS, undefined, WIDGETS)).toBeUndefined();
    expect(() => client.list(WIDGETS)).toThrow('serves no resource');
  });

  it('leaves a name to whoever had it first', () => {
    const other = definition();
    other.metadata.name = 'gizmos.example.com';
    other.spec.names = { plural: 'gizmos', kind: 'Widget' };
    client.create(DEFINITIONS, other);
    const { status } = client.get(DEFINITIONS, undefined, 'gizmos.example.com');
    expect(status.conditions[0]).toMatchObject({ status: 'False', message: '"WidgetList" is already in use' });
    expect(() => client.list('gizmos.example.com')).toThrow('serves no resource');
  });
});

describe('a definition', () => {
  const client = new Cluster({ controllers: false }).clientFor('admin');
  const withSchema = (schema: object) => () =>
    client.create(DEFINITIONS, definition({ schema: { openAPIV3Schema: schema } }));

  it.each<[object, string]>([
    [{ type: 'string' }, 'must be object at the root'],
    [
      { type: 'object', properties: { spec: {} } },
      'properties[spec].type: Required value: must not be empty for specified object fields',
    ],
    [
      { type: 'object', properties: { l: { type: 'array' } } },
      'properties[l].items: Required value: must be specified',
    ],
    [
      { type: 'object', properties: { n: { type: 'integer', default: 'x' } } },
      'properties[n].default: Invalid value: "string":  in body must be of type integer: "string"',
    ],
    [
      { type: 'object', properties: { s: { type: 'string', pattern: '(' } } },
      "must be a valid regular expression, but isn't: error parsing regexp: missing closing ): `(`",
    ],
    [
      { type: 'object', 'x-kubernetes-validations': [{ rule: 'self.nope > 1' }] },
      "compilation failed: ERROR: <input>:1:5: undefined field 'nope'",
    ],
  ])('is refused for %j', (schema, cause) => {
    expect(refusal(withSchema(schema))).toMatchObject({ code: 422, message: expect.stringContaining(cause) });
  });
});

describe('what a definition says beyond the schema', () => {
  const client = new Cluster({ controllers: false }).clientFor('admin');

  it('lets /scale read and write the paths of the definition', () => {
    const scale = { specReplicasPath: '.spec.size', statusReplicasPath: '.status.running' };
    client.create(DEFINITIONS, definition({ subresources: { status: {}, scale } }));
    client.create(WIDGETS, widget({ size: 4 }));
    const scaled = client.patch(
      WIDGETS,
      'default',
      'w',
      'merge',
      { spec: { replicas: 6 } },
      { subresource: 'scale', fieldManager: 'scaler' },
    );
    expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 6 }, status: { replicas: 0 } });
    const { spec, metadata } = client.get(WIDGETS, 'default', 'w');
    expect(spec).toEqual({ size: 6 });
    const owners = metadata.managedFields!.map(({ manager, subresource, fieldsV1 }) => [
      manager,
      subresource,
      fieldsV1,
    ]);
    expect(owners).toContainEqual(['scaler', 'scale', { 'f:spec': { 'f:size': {} } }]);
  });

  it('fails loudly where a webhook outside would have to convert for somebody inside', () => {
    const converted = definition();
    const [v1] = converted.spec.versions;
    converted.metadata.name = 'gears.example.com';
    converted.spec = {
      ...converted.spec,
      names: { plural: 'gears', kind: 'Gear' },
      versions: [v1, { ...v1, name: 'v2', storage: false }],
      conversion: {
        strategy: 'Webhook',
        webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://example.com' } },
      },
    };
    client.create(DEFINITIONS, converted);
    const gear = { ...widget({}), apiVersion: 'example.com/v2', kind: 'Gear' };
    expect(refusal(() => client.create('gears.example.com', gear))).toEqual({
      code: 500,
      message:
        'conversion webhook for example.com/v2, Kind=Gear failed: Post "https://example.com?timeout=30s": a request from inside the simulation cannot wait for a server outside of it',
    });
    client.delete(DEFINITIONS, undefined, 'gears.example.com');
    expect(client.tryGet(DEFINITIONS, undefined, 'gears.example.com')).toBeUndefined();
  });
});

test('objects that were stored in an earlier version are served in all', () => {
  const { api: server } = new Cluster({ controllers: false });
  const client = server.clientFor('test');
  const version = (name: string, storage: boolean) => ({
    name,
    storage,
    served: true,
    schema: { openAPIV3Schema: { type: 'object', properties: { teeth: { type: 'integer' } } } },
  });
  const spec = {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'gears', singular: 'gear', kind: 'Gear', listKind: 'GearList' },
  };
  client.create(DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gears.example.com' },
    spec: { ...spec, versions: [version('v1', true)] },
  });
  const gear = { apiVersion: 'example.com/v1', kind: 'Gear', metadata: { name: 'a', namespace: 'default' }, teeth: 3 };
  client.create('gears.example.com', gear);
  const definition = client.get(DEFINITIONS, undefined, 'gears.example.com');
  const versions = [version('v1', false), version('v2', true)];
  client.update(DEFINITIONS, { ...definition, spec: { ...definition.spec, versions } });
  const inVersion = (name: string) => {
    const resource = server.resources.tryFind('example.com', name, 'gears')!;
    const request = { resource, subresource: '', namespace: 'default', name: 'a', userAgent: '', options: {} };
    const answer = server.handle({ ...request, verb: 'get', user: { name: 'x' } });
    return 'object' in answer ? [answer.object.apiVersion, answer.object.teeth] : undefined;
  };
  expect(inVersion('v1')).toEqual(['example.com/v1', 3]);
  expect(inVersion('v2')).toEqual(['example.com/v2', 3]);
  client.patch('gears.example.com', 'default', 'a', 'merge', { teeth: 4 });
  expect(server.store.get('gears.example.com', 'default', 'a')!.apiVersion).toBe('example.com/v2');
  expect(inVersion('v1')).toEqual(['example.com/v1', 4]);
});
