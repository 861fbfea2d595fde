import { applySetId, applySetOf, contentsOf, parentOf } from '../../lib/apply/apply-set';

test('ids are those that kubectl computes', () => {
  expect(applySetId({ name: 'set1', namespace: 'default', kind: 'ConfigMap', group: '' })).toBe(
    'applyset-LmGRwX1kJXrUZVwT4DKoKCvG70slj3E2VUZBgksncLo-v1',
  );
  expect(applySetId({ name: 'set1', namespace: '', kind: 'Namespace', group: '' })).toBe(
    'applyset-gpvLtARVyoTCslym7nh4oK7s91Pgc6_xYZybJawl_Fk-v1',
  );
});

const set = applySetOf({ name: 'shop' });
const contents = {
  kinds: [
    { group: 'apps', kind: 'Deployment' },
    { group: '', kind: 'Service' },
  ],
  namespaces: ['default', 'shop'],
};

test('a parent says what it has said', () => {
  const parent = parentOf(set, contents, {});
  expect(parent.metadata.annotations).toEqual({
    'applyset.kubernetes.io/tooling': 'drydock/v1',
    'applyset.kubernetes.io/contains-group-kinds': 'Deployment.apps,Service',
    'applyset.kubernetes.io/additional-namespaces': 'shop',
  });
  expect(contentsOf(set, parent)).toEqual(contents);
});

test('a parent of another tool, or one that was damaged, is not touched', () => {
  const parent = parentOf(set, contents, {});
  const annotated = (annotations: Record<string, string>) => ({
    ...parent,
    metadata: { ...parent.metadata, annotations },
  });
  expect(() => contentsOf(set, annotated({}))).toThrow('configmap/shop in namespace default is not an inventory.');
  expect(() => contentsOf(set, annotated({ 'applyset.kubernetes.io/tooling': 'kubectl/v1.35' }))).toThrow(
    'is the inventory of kubectl',
  );
  expect(() => contentsOf(set, annotated({ 'applyset.kubernetes.io/tooling': 'drydock/v1' }))).toThrow(
    'changed by hand',
  );
});
