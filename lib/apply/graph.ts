/**
 * An order in which everything comes after what it depends on. Knows nothing of Kubernetes.
 */

export interface Edge {
  /** Comes later. */
  readonly from: string;
  /** Comes first. */
  readonly to: string;
  /** For people: why. */
  readonly why: string;
  /** An edge that was derived, not asked for; left out when it would close a cycle. @default false */
  readonly optional?: boolean;
}

export class CycleError extends Error {
  override readonly name = 'CycleError';

  constructor(
    /** `a`, `b`, `a`: each depends on the next. */
    readonly path: readonly string[],
  ) {
    super(`these depend on each other: ${path.join(' -> ')}`);
  }
}

export interface Ordered<E extends Edge> {
  /** Every node, after all it depends on; otherwise in the order given. */
  readonly nodes: readonly string[];
  /** The edges that count, by the node that comes later. */
  readonly dependencies: ReadonlyMap<string, readonly E[]>;
}

/**
 * Orders nodes by their edges, in time linear in both. Edges to nodes that are not there are ignored.
 * @throws CycleError when edges that are not optional form a cycle.
 */
export function order<E extends Edge>(nodes: readonly string[], edges: readonly E[]): Ordered<E> {
  const known = new Set(nodes);
  const usable = edges.filter(({ from, to }) => known.has(from) && known.has(to) && from !== to);
  const required = usable.filter(({ optional }) => !optional);
  const cycle = findCycle(nodes, required);
  if (cycle) throw new CycleError(cycle);
  let kept = usable;
  // Rarely more than once: each round gives up the optional edges of one cycle.
  for (let path = findCycle(nodes, kept); path; path = findCycle(nodes, kept)) {
    const steps = new Set(path.slice(0, -1).map((node, index) => `${node}\n${path![index + 1]}`));
    kept = kept.filter((edge) => !(edge.optional && steps.has(`${edge.from}\n${edge.to}`)));
  }
  return { nodes: topological(nodes, kept), dependencies: byFrom(kept) };
}

function byFrom<E extends Edge>(edges: readonly E[]): Map<string, E[]> {
  const grouped = new Map<string, E[]>();
  for (const edge of edges) {
    const list = grouped.get(edge.from);
    if (!list) grouped.set(edge.from, [edge]);
    else if (!list.some(({ to }) => to === edge.to)) list.push(edge);
  }
  return grouped;
}

/** Depth first, without recursion: a chain of ten thousand must not overflow the stack. */
function walk(nodes: readonly string[], edges: readonly Edge[], onDone: (node: string) => void): string[] | undefined {
  const dependencies = byFrom(edges);
  const state = new Map<string, 'open' | 'done'>();
  for (const start of nodes) {
    if (state.has(start)) continue;
    const path: { node: string; next: number }[] = [{ node: start, next: 0 }];
    state.set(start, 'open');
    while (path.length > 0) {
      const top = path[path.length - 1]!;
      const edge = dependencies.get(top.node)?.[top.next++];
      if (!edge) {
        state.set(top.node, 'done');
        onDone(top.node);
        path.pop();
      } else if (state.get(edge.to) === 'open') {
        const from = path.findIndex(({ node }) => node === edge.to);
        return [...path.slice(from).map(({ node }) => node), edge.to];
      } else if (!state.has(edge.to)) {
        state.set(edge.to, 'open');
        path.push({ node: edge.to, next: 0 });
      }
    }
  }
  return undefined;
}

function findCycle(nodes: readonly string[], edges: readonly Edge[]): string[] | undefined {
  return walk(nodes, edges, () => {});
}

function topological(nodes: readonly string[], edges: readonly Edge[]): string[] {
  const ordered: string[] = [];
  walk(nodes, edges, (node) => ordered.push(node));
  return ordered;
}

/** The same graph with every edge turned around: the order of deletion. */
export function reversed<E extends Edge>(edges: readonly E[]): E[] {
  return edges.map((edge) => ({ ...edge, from: edge.to, to: edge.from }));
}
