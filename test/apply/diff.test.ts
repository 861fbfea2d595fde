import { fieldChanges } from '../../lib/apply/diff';
import { formatField } from '../../lib/apply/format-plan';
import type { KubernetesObject } from '../../lib/kubernetes/object';

function changes(before: Partial<KubernetesObject>, after: Partial<KubernetesObject>, kind = 'Thing'): string[] {
  const object = (fields: Partial<KubernetesObject>) => ({ apiVersion: 'v1', kind, metadata: {}, ...fields });
  return fieldChanges(object(before), object(after)).map(formatField);
}

test('names the fields that change, are added and are removed', () => {
  const before = { spec: { replicas: 3, paused: true, strategy: { type: 'Recreate' } } };
  const after = { spec: { replicas: 4, minReadySeconds: 5, strategy: { type: 'Recreate' } } };
  expect(changes(before, after)).toEqual(['spec.replicas: 3 -> 4', 'spec.paused: - true', 'spec.minReadySeconds: + 5']);
});

test('tells list elements apart by their key, not by their place', () => {
  const before = {
    spec: {
      containers: [
        { name: 'a', image: 'x:1' },
        { name: 'b', image: 'y:1' },
      ],
    },
  };
  const after = {
    spec: {
      containers: [
        { name: 'b', image: 'y:2' },
        { name: 'a', image: 'x:1' },
      ],
    },
  };
  expect(changes(before, after)).toEqual(['spec.containers[name=b].image: "y:1" -> "y:2"']);
  expect(changes({ args: ['a', 'b'] }, { args: ['a', 'c', 'd'] })).toEqual(['args[1]: "b" -> "c"', 'args[2]: + "d"']);
});

test('does not show what the server keeps for itself', () => {
  const before = { metadata: { resourceVersion: '1', generation: 1, labels: { a: '1' } }, status: { phase: 'x' } };
  const after = { metadata: { resourceVersion: '2', generation: 2, labels: { a: '1', 'b/c': '2' } }, status: {} };
  expect(changes(before, after)).toEqual(['metadata.labels["b/c"]: + "2"']);
});

describe('secrets', () => {
  test('keep their keys and lose their values', () => {
    expect(changes({ data: { password: 'old' } }, { data: { password: 'new', user: 'me' } }, 'Secret')).toEqual([
      'data.password: "***" -> "***"',
      'data.user: + "***"',
    ]);
    expect(changes({}, { data: { password: 'new' } }, 'Secret')).toEqual(['data: + {"password":"***"}']);
    expect(changes({ data: { a: '1' } }, { data: { a: '2' } }, 'ConfigMap')).toEqual(['data.a: "1" -> "2"']);
  });

  test('in the environment of a container are known by their names', () => {
    const container = (value: string) => ({
      spec: {
        env: [
          { name: 'DB_PASSWORD', value },
          { name: 'MODE', value },
        ],
      },
    });
    expect(changes(container('a'), container('b'))).toEqual([
      'spec.env[name=DB_PASSWORD].value: "***" -> "***"',
      'spec.env[name=MODE].value: "a" -> "b"',
    ]);
  });
});
