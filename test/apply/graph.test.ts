import { CycleError, type Edge, order, reversed } from '../../lib/apply/graph';
import { Random } from '../../lib/simulator/random';

const edge = (text: string, optional = false): Edge => {
  const [from, to] = text.split(' after ');
  return { from: from!, to: to!, why: '', optional };
};

test('everything comes after what it depends on, otherwise the order stays', () => {
  const { nodes } = order(['a', 'b', 'c', 'd'], [edge('a after d'), edge('b after a')]);
  expect(nodes).toEqual(['d', 'a', 'b', 'c']);
});

test('an edge to something that is not there does not matter', () => {
  expect(order(['a'], [edge('a after x'), edge('x after a'), edge('a after a')]).nodes).toEqual(['a']);
});

test('a cycle is reported with its path', () => {
  const edges = [edge('a after b'), edge('b after c'), edge('c after b')];
  expect(() => order(['a', 'b', 'c'], edges)).toThrow(CycleError);
  expect(() => order(['a', 'b', 'c'], edges)).toThrow('these depend on each other: b -> c -> b');
});

test('a derived edge gives way where it would close a cycle', () => {
  const { nodes, dependencies } = order(['a', 'b'], [edge('a after b'), edge('b after a', true)]);
  expect(nodes).toEqual(['b', 'a']);
  expect(dependencies.has('b')).toBe(false);
});

test('a chain of 20,000 does not overflow the stack', () => {
  const nodes = Array.from({ length: 20_000 }, (_, index) => String(index));
  const edges = nodes.slice(1).map((node, index) => edge(`${index} after ${node}`));
  expect(order(nodes, edges).nodes[0]).toBe('19999');
});

test('no order of random graphs loses a node or breaks an edge, forwards or backwards', () => {
  const random = new Random(7);
  for (let round = 0; round < 200; round++) {
    const nodes = Array.from({ length: 1 + random.int(12) }, (_, index) => String(index));
    const edges = Array.from({ length: random.int(30) }, () => [random.int(nodes.length), random.int(nodes.length)])
      .filter(([from, to]) => from! > to!)
      .map(([from, to]) => edge(`${from} after ${to}`));
    for (const graph of [edges, reversed(edges)]) {
      const ordered = order(nodes, graph).nodes;
      expect([...ordered].sort()).toEqual([...nodes].sort());
      for (const { from, to } of graph) expect(ordered.indexOf(to)).toBeLessThan(ordered.indexOf(from));
    }
    expect(reversed(reversed(edges))).toEqual(edges);
  }
});
