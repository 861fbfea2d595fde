/**
 * The graph for a terminal: a tree below each object that nothing points at. What was drawn before is named again, with an
 * arrow that says so, and not drawn twice.
 *
 *   ingress/shop
 *   └─ routes to service/web  (shop.example/)
 *      └─ selects deployment/web  (80 → 8080)
 *         └─ mounts configmap/settings
 */
import type { Graph, GraphNode, Relation } from './relations';

export function graphAsText(graph: Graph): string {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const outgoing = new Map<string, Relation[]>();
  const pointedAt = new Set<string>();
  for (const relation of graph.relations) {
    outgoing.set(relation.from, [...(outgoing.get(relation.from) ?? []), relation]);
    if (relation.from !== relation.to) pointedAt.add(relation.to);
  }
  const drawn = new Set<string>();
  const lines: string[] = [];
  const draw = (id: string, indent: string): void => {
    drawn.add(id);
    const relations = outgoing.get(id) ?? [];
    relations.forEach(({ to, verb, label }, index) => {
      const last = index === relations.length - 1;
      const again = drawn.has(to) && (outgoing.get(to) ?? []).length > 0;
      const note = `${label ? `  (${label})` : ''}${again ? ' ↑' : ''}`;
      lines.push(`${indent}${last ? '└─' : '├─'} ${verb} ${nameOf(nodes.get(to)!)}${note}`);
      if (!drawn.has(to)) draw(to, `${indent}${last ? '   ' : '│  '}`);
    });
  };
  /** Traffic first, then whatever else leads somewhere, then what stands alone. */
  const placeOf = ({ id }: GraphNode): number => {
    const relations = outgoing.get(id) ?? [];
    if (relations.length === 0) return 2;
    return relations.some(({ verb }) => verb === 'routes to' || verb === 'selects') ? 0 : 1;
  };
  for (const [namespace, members] of byNamespace(graph.nodes)) {
    if (lines.length > 0) lines.push('');
    lines.push(namespace === '' ? 'cluster' : `namespace ${namespace}`);
    const present = members.filter((node) => node.present).sort((a, b) => placeOf(a) - placeOf(b));
    // A circle has no beginning; whatever is left then begins with itself.
    for (const node of [...present.filter(({ id }) => !pointedAt.has(id)), ...present]) {
      if (drawn.has(node.id)) continue;
      lines.push(nameOf(node));
      draw(node.id, '');
    }
  }
  return `${lines.join('\n')}\n`;
}

const nameOf = ({ kind, name, present }: GraphNode): string =>
  `${kind.toLowerCase()}/${name}${present ? '' : ' (not in the manifests)'}`;

function byNamespace(nodes: readonly GraphNode[]): [string, GraphNode[]][] {
  const groups = new Map<string, GraphNode[]>();
  for (const node of nodes) groups.set(node.namespace, [...(groups.get(node.namespace) ?? []), node]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
