/**
 * Where the boxes of a graph go: columns from left to right in the direction of the relations, as short as possible, and
 * inside a column in the order that crosses the fewest lines.
 *
 * The method is Sugiyama's in its plainest form: ranks by the longest path, then a few sweeps that put each node at the mean
 * position of its neighbours. https://en.wikipedia.org/wiki/Layered_graph_drawing
 */
import type { Graph, GraphNode, Relation } from './relations';

const SWEEPS = 8;

/** Columns of nodes; a node that has nothing to do with any other is in none. */
export function columnsOf(graph: Graph): GraphNode[][] {
  const related = new Set(graph.relations.flatMap(({ from, to }) => [from, to]));
  const nodes = graph.nodes.filter(({ id }) => related.has(id));
  const ranks = ranksOf(nodes, graph.relations);
  const columns: GraphNode[][] = [];
  for (const node of nodes) {
    const rank = ranks.get(node.id)!;
    columns[rank] ??= [];
    columns[rank].push(node);
  }
  return untangle(
    columns.filter((column) => column !== undefined),
    graph.relations,
  );
}

/** The longest way to each node from one that nothing points at. A relation that would close a circle is left out. */
function ranksOf(nodes: readonly GraphNode[], relations: readonly Relation[]): Map<string, number> {
  const incoming = new Map<string, string[]>();
  for (const { from, to } of relations) incoming.set(to, [...(incoming.get(to) ?? []), from]);
  const ranks = new Map<string, number>();
  const onTheWay = new Set<string>();
  const rankOf = (id: string): number => {
    const known = ranks.get(id);
    if (known !== undefined) return known;
    onTheWay.add(id);
    const before = (incoming.get(id) ?? []).filter((from) => !onTheWay.has(from)).map(rankOf);
    onTheWay.delete(id);
    const rank = before.length === 0 ? 0 : Math.max(...before) + 1;
    ranks.set(id, rank);
    return rank;
  };
  for (const { id } of nodes) rankOf(id);
  pullSources(nodes, relations, ranks);
  return ranks;
}

/** What points at something far to the right and at nothing else stands beside it, not at the left edge. */
function pullSources(nodes: readonly GraphNode[], relations: readonly Relation[], ranks: Map<string, number>): void {
  const pointedAt = new Set(relations.map(({ to }) => to));
  for (const { id } of nodes) {
    if (pointedAt.has(id)) continue;
    const targets = relations.filter(({ from }) => from === id).map(({ to }) => ranks.get(to)!);
    if (targets.length > 0) ranks.set(id, Math.max(0, Math.min(...targets) - 1));
  }
}

function untangle(columns: GraphNode[][], relations: readonly Relation[]): GraphNode[][] {
  const neighbours = new Map<string, string[]>();
  const join = (a: string, b: string) => neighbours.set(a, [...(neighbours.get(a) ?? []), b]);
  for (const { from, to } of relations) {
    join(from, to);
    join(to, from);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const order = sweep % 2 === 0 ? columns : [...columns].reverse();
    for (const column of order) {
      const rows = new Map(columns.flatMap((nodes) => nodes.map(({ id }, row) => [id, row / nodes.length] as const)));
      const meanOf = ({ id }: GraphNode): number => {
        const near = (neighbours.get(id) ?? []).map((other) => rows.get(other)!);
        return near.length === 0 ? rows.get(id)! : near.reduce((sum, row) => sum + row, 0) / near.length;
      };
      const means = new Map(column.map((node) => [node, meanOf(node)]));
      column.sort((a, b) => means.get(a)! - means.get(b)!);
    }
  }
  return columns;
}
