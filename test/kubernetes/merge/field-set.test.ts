import {
  compareElements,
  difference,
  differenceWithChildren,
  equalSets,
  type FieldSet,
  has,
  intersection,
  leavesOf,
  type MaybeFieldSet,
  parseFieldSet,
  pathsOf,
  pathText,
  setOfFields,
  union,
} from '../../../lib/kubernetes/merge/field-set';

const set = (json: object) => parseFieldSet(json)!;
const paths = (fields: MaybeFieldSet) => pathsOf(fields).map(pathText);

const PORTS = {
  'f:spec': { 'f:ports': { '.': {}, 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } }, 'f:type': {} },
};

describe('a field set', () => {
  it('reads and writes the wire form of managedFields unchanged', () => {
    expect(set(PORTS)).toEqual(PORTS);
  });

  it('counts an empty node and a node with a dot as members, and no other', () => {
    expect(paths(set(PORTS))).toEqual([
      '.spec.ports',
      '.spec.type',
      '.spec.ports[port=80,protocol="TCP"]',
      '.spec.ports[port=80,protocol="TCP"].port',
    ]);
    expect(has(set(PORTS), ['f:spec'])).toBe(false);
    expect(has(set(PORTS), ['f:spec', 'f:ports'])).toBe(true);
  });

  it('sorts the keys of a list item by name and its members in the order of the server', () => {
    const unsorted = {
      'f:p': { 'k:{"protocol":"TCP","port":443}': {}, 'k:{"port":80,"protocol":"TCP"}': {} },
      'f:a': {},
    };
    const sorted = {
      'f:a': {},
      'f:p': { 'k:{"port":80,"protocol":"TCP"}': {}, 'k:{"port":443,"protocol":"TCP"}': {} },
    };
    expect(JSON.stringify(set(unsorted))).toBe(JSON.stringify(sorted));
  });

  it('drops elements of a kind it does not know and refuses what is no path element', () => {
    expect(parseFieldSet({ 'x:future': {}, 'f:a': {} })).toEqual({ 'f:a': {} });
    expect(() => parseFieldSet({ spec: {} })).toThrow('missing colon: spec');
    expect(() => parseFieldSet({ 'k:not json': {} })).toThrow();
  });

  it('is never a way to a prototype', () => {
    const parsed = parseFieldSet(
      JSON.parse('{"__proto__x":{},"f:__proto__":{"f:polluted":{}}}'.replace('"__proto__x":{},', '')),
    );
    expect(paths(parsed)).toEqual(['.__proto__.polluted']);
    expect(({} as any).polluted).toBeUndefined();
  });
});

describe('operations on field sets', () => {
  const a = set({ 'f:x': { '.': {}, 'f:y': {} }, 'f:z': {} });
  const b = set({ 'f:w': {}, 'f:x': { 'f:y': {}, 'f:q': {} } });
  const cases: [string, MaybeFieldSet, FieldSet | undefined][] = [
    ['union', union(a, b), { 'f:w': {}, 'f:x': { '.': {}, 'f:q': {}, 'f:y': {} }, 'f:z': {} }],
    ['intersection', intersection(a, b), { 'f:x': { 'f:y': {} } }],
    ['difference', difference(a, b), { 'f:x': {}, 'f:z': {} }],
    ['difference of everything', difference(a, a), undefined],
    [
      'difference that leaves the children of a removed parent',
      difference(a, set({ 'f:x': {} })),
      {
        'f:x': { 'f:y': {} },
        'f:z': {},
      },
    ],
    ['difference that takes the children along', differenceWithChildren(a, set({ 'f:x': {} })), { 'f:z': {} }],
    ['leaves', leavesOf(a), { 'f:x': { 'f:y': {} }, 'f:z': {} }],
  ];
  it.each(cases)('%s', (_, actual, expected) => {
    expect(actual).toEqual(expected);
  });

  it('compares by content', () => {
    expect(equalSets(a, set({ 'f:z': {}, 'f:x': { 'f:y': {}, '.': {} } }))).toBe(true);
    expect(equalSets(a, b)).toBe(false);
  });

  it('joins paths of field names', () => {
    expect(setOfFields([['metadata', 'name'], ['metadata'], ['kind']])).toEqual({
      'f:kind': {},
      'f:metadata': { '.': {}, 'f:name': {} },
    });
  });

  it('orders fields before keys before values, and numbers as numbers', () => {
    const elements = ['v:"b"', 'k:{"port":443}', 'f:b', 'v:"a"', 'k:{"port":80}', 'f:a', 'v:3'];
    expect(elements.sort(compareElements)).toEqual([
      'f:a',
      'f:b',
      'k:{"port":80}',
      'k:{"port":443}',
      'v:3',
      'v:"a"',
      'v:"b"',
    ]);
  });
});
