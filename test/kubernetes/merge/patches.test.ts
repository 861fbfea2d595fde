import { applyJsonPatch } from '../../../lib/kubernetes/merge/json-patch';
import { applyMergePatch } from '../../../lib/kubernetes/merge/merge-patch';
import { restoreProblem } from '../../../lib/kubernetes/merge/strategic-merge-decode';
import { applyStrategicMergePatch } from '../../../lib/kubernetes/merge/strategic-merge-patch';
import { trySchemaOf } from '../../../lib/kubernetes/schema/schema';
import { StatusError } from '../../../lib/kubernetes/status-error';

function statusOf(run: () => unknown): { code: number; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('expected a StatusError');
}

describe('JSON Patch', () => {
  const document = { list: ['a', 'b'], map: { 'x/y': 1 }, replicas: 1 };
  const applied: [string, object, unknown][] = [
    ['adds to the end of a list', { op: 'add', path: '/list/-', value: 'c' }, { ...document, list: ['a', 'b', 'c'] }],
    ['inserts before an index', { op: 'add', path: '/list/1', value: 'c' }, { ...document, list: ['a', 'c', 'b'] }],
    ['counts negative indexes from the end', { op: 'remove', path: '/list/-1' }, { ...document, list: ['a'] }],
    ['unescapes keys', { op: 'replace', path: '/map/x~1y', value: 2 }, { ...document, map: { 'x/y': 2 } }],
    ['adds by replace', { op: 'replace', path: '/map/z', value: 2 }, { ...document, map: { 'x/y': 1, z: 2 } }],
    ['moves', { op: 'move', from: '/replicas', path: '/map/r' }, { list: ['a', 'b'], map: { 'x/y': 1, r: 1 } }],
    ['copies', { op: 'copy', from: '/list', path: '/map/l' }, { ...document, map: { 'x/y': 1, l: ['a', 'b'] } }],
    ['takes a missing field for null in a test', { op: 'test', path: '/nope', value: null }, document],
    ['takes a missing value for null', { op: 'add', path: '/replicas' }, { ...document, replicas: null }],
    ['replaces the whole document', { op: 'replace', path: '', value: {} }, {}],
  ];
  it.each(applied)('%s', (_, operation, expected) => {
    const before = structuredClone(document);
    expect(applyJsonPatch(document, [operation])).toEqual(expected);
    expect(document).toEqual(before);
  });

  const refused: [string, object][] = [
    ['a failed test', { op: 'test', path: '/replicas', value: '1' }],
    ['an index beyond the end', { op: 'add', path: '/list/3', value: 1 }],
    ['removing what is not there', { op: 'remove', path: '/map/q' }],
    ['a parent that is not there', { op: 'add', path: '/nope/deeper', value: 1 }],
    ['moving what is not there', { op: 'move', from: '/map/q', path: '/x' }],
    ['an unknown operation', { op: 'bogus', path: '/x' }],
    ['a path without a slash', { op: 'add', path: 'x', value: 1 }],
    ['no path', { op: 'add', value: 1 }],
  ];
  it.each(refused)('answers 422 without a reason for %s', (_, operation) => {
    expect(statusOf(() => applyJsonPatch(document, [operation]))).toEqual({
      code: 422,
      message: 'the server rejected our request due to an error in our request',
    });
  });

  it('answers 400 when the patch is no list of operations', () => {
    expect(statusOf(() => applyJsonPatch(document, {}))).toEqual({
      code: 400,
      message: 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    });
  });

  it('leaves prototypes alone', () => {
    applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
    expect(({} as any).polluted).toBeUndefined();
  });
});

describe('merge patch', () => {
  it.each([
    ['merges objects and removes by null', { a: { b: 1, c: 2 } }, { a: { b: null, d: 3 } }, { a: { c: 2, d: 3 } }],
    ['replaces lists', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['drops nulls of new objects', {}, { a: { b: null, c: [{ d: null }] } }, { a: { c: [{}] } }],
    ['replaces a scalar by an object', { a: 'x' }, { a: { b: 1 } }, { a: { b: 1 } }],
  ])('%s', (_, document, patch, expected) => {
    expect(applyMergePatch(document, patch)).toEqual(expected);
  });

  it.each([
    [null, 'Invalid JSON Patch'],
    [[], 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ])('refuses %j', (patch, message) => {
    expect(statusOf(() => applyMergePatch({}, patch))).toEqual({ code: 400, message });
  });
});

describe('strategic merge patch', () => {
  const schema = trySchemaOf('apps', 'v1', 'Deployment')!;
  const env = [
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
    { name: 'C', value: '3' },
  ];
  const deployment = {
    metadata: { name: 'd', labels: { a: '1', b: '2' }, finalizers: ['x.y/1', 'x.y/2'] },
    spec: {
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
      template: {
        spec: {
          containers: [
            { name: 'c', image: 'nginx:1', args: ['a', 'b'], env },
            { name: 'd', image: 'busybox' },
          ],
          volumes: [{ name: 'v', emptyDir: {} }],
        },
      },
    },
  };
  const container = (fields: object) => ({ spec: { template: { spec: { containers: [{ name: 'c', ...fields }] } } } });
  const patched = (patch: object) => applyStrategicMergePatch(deployment, patch, schema) as any;
  const envOf = (patch: object) =>
    patched(container(patch)).spec.template.spec.containers[0].env.map((e: any) => e.name);

  it('merges list items by their key and never changes its arguments', () => {
    const before = structuredClone(deployment);
    const { containers } = patched(container({ image: 'nginx:2' })).spec.template.spec;
    expect(containers.map((c: any) => [c.name, c.image])).toEqual([
      ['c', 'nginx:2'],
      ['d', 'busybox'],
    ]);
    expect(containers[0].env).toEqual(env);
    expect(deployment).toEqual(before);
  });

  it.each<[string, object, string[]]>([
    ['deletes an item', { env: [{ name: 'B', $patch: 'delete' }] }, ['A', 'C']],
    ['replaces the list', { env: [{ $patch: 'replace' }, { name: 'Z', value: '9' }] }, ['Z']],
    ['adds an item before the live ones it does not name', { env: [{ name: 'Z', value: '9' }] }, ['Z', 'A', 'B', 'C']],
    ['orders named items', { '$setElementOrder/env': [{ name: 'C' }, { name: 'A' }, { name: 'B' }] }, ['C', 'A', 'B']],
    [
      'keeps live-only items where they were',
      { '$setElementOrder/env': [{ name: 'C' }, { name: 'A' }] },
      ['B', 'C', 'A'],
    ],
    [
      'adds where the order says',
      { '$setElementOrder/env': [{ name: 'A' }, { name: 'Z' }, { name: 'B' }, { name: 'C' }], env: [{ name: 'Z' }] },
      ['A', 'Z', 'B', 'C'],
    ],
  ])('%s', (_, patch, names) => {
    expect(envOf(patch)).toEqual(names);
  });

  it('replaces lists that do not merge', () => {
    expect(patched(container({ args: ['z'] })).spec.template.spec.containers[0].args).toEqual(['z']);
  });

  it('merges lists of scalars as sets and deletes from them', () => {
    expect(patched({ metadata: { finalizers: ['x.y/3'] } }).metadata.finalizers).toEqual(['x.y/3', 'x.y/1', 'x.y/2']);
    const less = patched({ metadata: { '$deleteFromPrimitiveList/finalizers': ['x.y/1'] } });
    expect(less.metadata.finalizers).toEqual(['x.y/2']);
  });

  it('replaces an object, keeps only some of its keys, removes by null', () => {
    expect(patched({ metadata: { labels: { $patch: 'replace', z: '9' } } }).metadata.labels).toEqual({ z: '9' });
    const recreate = patched({ spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } });
    expect(recreate.spec.strategy).toEqual({ type: 'Recreate' });
    expect(patched({ metadata: { labels: { a: null } } }).metadata.labels).toEqual({ b: '2' });
  });

  it.each<[number, string, object]>([
    [
      500,
      'map: map[image:nokey] does not contain declared merge key: name',
      { spec: { template: { spec: { containers: [{ image: 'nokey' }] } } } },
    ],
    [500, 'unknown patch type: bogus in map: map[$patch:bogus]', { spec: { $patch: 'bogus' } }],
    [500, 'merging lists cannot yet be specified in the patch', container({ env: [{ name: 'A', $patch: 'merge' }] })],
    [400, 'invalid patch format of retainKeys', { spec: { strategy: { $retainKeys: ['type'], rollingUpdate: {} } } }],
    [400, 'invalid patch format of setElementOrder list', { spec: { $setElementOrder: [] } }],
    [500, 'list element types are not identical: [[x.y/1 x.y/2] [map[a:1]]]', { metadata: { finalizers: [{ a: 1 }] } }],
  ])('answers %i: %s', (code, message, patch) => {
    expect(statusOf(() => patched(patch))).toEqual({ code, message });
  });

  it.each<[object, string]>([
    [{ spec: { replicas: 'x' } }, 'unrecognized type: int32'],
    [{ spec: { template: 'x' } }, 'cannot restore struct from: string'],
    [{ spec: { template: { spec: { containers: 'x' } } } }, 'cannot restore slice from string'],
    [{ metadata: { labels: ['x'] } }, 'cannot restore map from slice'],
  ])('names a wrong type in %j', (patch, problem) => {
    expect(restoreProblem(schema, patched(patch))).toBe(problem);
  });
});
