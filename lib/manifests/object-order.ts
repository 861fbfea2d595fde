/**
 * Puts objects in the order in which they are applied: by rank of their kind, then as they were written; what somebody depends
 * on comes first.
 *
 * A dependency may be between whole charts. One edge per pair of objects would be a product, so each construct that takes part
 * gets two marks, its start and its end: `a` depends on `b` is the one edge end(b) -> start(a), and objects lie between the marks
 * of the constructs around them. The sort is linear in objects and dependencies, apart from the queue.
 */
import type { IConstruct } from 'constructs';
import { applyRank } from '../kubernetes/apply-order';
import { UserError } from '../kubernetes/user-error';
import type { FinishedObject } from './synthesis';

export function orderObjects(
  scopes: readonly IConstruct[],
  objects: readonly FinishedObject[],
): readonly FinishedObject[] {
  const ranks = objects.map(({ object }) => applyRank(object));
  const constructs = scopes.flatMap((scope) => scope.node.findAll());
  const dependents = constructs.filter((construct) => construct.node.dependencies.length > 0);
  if (dependents.length === 0) return stableSort(objects, ranks);
  return new DependencySort(objects, ranks).run(dependents);
}

function stableSort(objects: readonly FinishedObject[], ranks: readonly number[]): FinishedObject[] {
  return objects
    .map((_, index) => index)
    .sort((a, b) => ranks[a]! - ranks[b]! || a - b)
    .map((index) => objects[index]!);
}

/** A vertex of the graph: an object, or the mark before or after a construct. */
interface Vertex {
  readonly construct: IConstruct;
  /** Undefined for a mark. */
  readonly index?: number;
  readonly next: Vertex[];
  waitsFor: number;
}

class DependencySort {
  private readonly starts = new Map<IConstruct, Vertex>();
  private readonly ends = new Map<IConstruct, Vertex>();
  private readonly vertices: Vertex[] = [];

  constructor(
    private readonly objects: readonly FinishedObject[],
    private readonly ranks: readonly number[],
  ) {}

  run(dependents: readonly IConstruct[]): FinishedObject[] {
    for (const dependent of dependents) {
      for (const dependency of dependent.node.dependencies) this.mark(dependent).mark(dependency);
    }
    for (const construct of [...this.starts.keys()]) this.nest(construct);
    this.objects.forEach(({ construct }, index) => {
      const vertex = this.add({ construct, index, next: [], waitsFor: 0 });
      const around = construct.node.scopes.findLast((scope) => this.starts.has(scope));
      if (around === undefined) return;
      link(this.starts.get(around)!, vertex);
      link(vertex, this.ends.get(around)!);
    });
    for (const dependent of dependents) {
      for (const dependency of dependent.node.dependencies) {
        link(this.ends.get(dependency)!, this.starts.get(dependent)!);
      }
    }
    return this.sort();
  }

  private add(vertex: Vertex): Vertex {
    this.vertices.push(vertex);
    return vertex;
  }

  private mark(construct: IConstruct): this {
    if (!this.starts.has(construct)) {
      this.starts.set(construct, this.add({ construct, next: [], waitsFor: 0 }));
      this.ends.set(construct, this.add({ construct, next: [], waitsFor: 0 }));
      link(this.starts.get(construct)!, this.ends.get(construct)!);
    }
    return this;
  }

  /** The marks of a construct lie between those of the nearest marked construct around it. */
  private nest(construct: IConstruct): void {
    const around = construct.node.scope?.node.scopes.findLast((scope) => this.starts.has(scope));
    if (around === undefined) return;
    link(this.starts.get(around)!, this.starts.get(construct)!);
    link(this.ends.get(construct)!, this.ends.get(around)!);
  }

  /** Kahn's algorithm: among what waits for nothing, marks first, then the lowest rank, then the order of writing. */
  private sort(): FinishedObject[] {
    const sorted: FinishedObject[] = [];
    const marks: Vertex[] = [];
    const queues = new RankedQueue();
    const release = (vertex: Vertex) => {
      if (vertex.index === undefined) marks.push(vertex);
      else queues.add(this.ranks[vertex.index]!, vertex.index);
    };
    const byIndex: Vertex[] = [];
    for (const vertex of this.vertices) if (vertex.index !== undefined) byIndex[vertex.index] = vertex;
    for (const vertex of this.vertices) if (vertex.waitsFor === 0) release(vertex);
    for (;;) {
      let vertex = marks.pop();
      if (vertex === undefined) {
        const index = queues.take();
        if (index === undefined) break;
        vertex = byIndex[index]!;
        sorted.push(this.objects[index]!);
      }
      for (const next of vertex.next) if (--next.waitsFor === 0) release(next);
    }
    if (sorted.length < this.objects.length) this.refuseCycle();
    return sorted;
  }

  /** Every vertex that still waits is in a circle or behind one; walking backwards ends in a circle. */
  private refuseCycle(): never {
    const blockedBy = new Map<Vertex, Vertex>();
    for (const vertex of this.vertices) {
      if (vertex.waitsFor > 0) for (const next of vertex.next) if (next.waitsFor > 0) blockedBy.set(next, vertex);
    }
    const seen = new Set<Vertex>();
    let vertex = [...blockedBy.keys()][0]!;
    while (!seen.has(vertex)) {
      seen.add(vertex);
      vertex = blockedBy.get(vertex)!;
    }
    const circle = [vertex];
    for (let step = blockedBy.get(vertex)!; step !== vertex; step = blockedBy.get(step)!) circle.push(step);
    const paths = [...new Set(circle.map(({ construct }) => construct.node.path))];
    const first = paths.indexOf([...paths].sort()[0]!);
    const text = [...paths.slice(first), ...paths.slice(0, first), paths[first]].join(' -> ');
    throw new UserError(
      'DependencyCycle',
      `constructs depend on each other in a circle: ${text}`,
      'Remove one of them.',
    );
  }
}

function link(from: Vertex, to: Vertex): void {
  from.next.push(to);
  to.waitsFor++;
}

/** Indices by rank; the lowest rank first, and in it the lowest index. */
class RankedQueue {
  private readonly heap: number[] = [];

  add(rank: number, index: number): void {
    // One number orders both: the rank in the high part, the index in the low one.
    const heap = this.heap;
    heap.push(rank * 2 ** 32 + index);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (heap[parent]! <= heap[at]!) break;
      [heap[parent], heap[at]] = [heap[at]!, heap[parent]!];
      at = parent;
    }
  }

  take(): number | undefined {
    const heap = this.heap;
    const lowest = heap[0];
    if (lowest === undefined) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      for (let at = 0; ; ) {
        const left = 2 * at + 1;
        if (left >= heap.length) break;
        const smaller = left + 1 < heap.length && heap[left + 1]! < heap[left]! ? left + 1 : left;
        if (heap[at]! <= heap[smaller]!) break;
        [heap[smaller], heap[at]] = [heap[at]!, heap[smaller]!];
        at = smaller;
      }
    }
    return lowest % 2 ** 32;
  }
}
