/**
 * Equal field sets are one object, and an operation on two sets is done once.
 * https://en.wikipedia.org/wiki/Hash_consing
 *
 * Ten thousand Pods of one ReplicaSet own the same fields, and a kubelet takes the same step with each of them. A set is
 * made by looking up its elements and nodes in a trie; whoever made the same set before left it there. So siblings share their
 * `fieldsV1`, and "union of these two" is remembered by the identity of the two:
 *
 *   {f:a: L, f:b: N}   root -(f:a, L)-> . -(f:b, N)-> [the set]
 *
 * Nothing depends on two equal sets being one object: the tables are emptied when they have grown, and what is held
 * elsewhere (in the store) stays valid.
 */
import type { FieldSet, MaybeFieldSet } from './field-set';

class TrieNode {
  set: FieldSet | undefined;
  private readonly next = new Map<string, Map<FieldSet, TrieNode>>();

  step(element: string, node: FieldSet): TrieNode {
    let byNode = this.next.get(element);
    if (byNode === undefined) {
      byNode = new Map();
      this.next.set(element, byNode);
    }
    let found = byNode.get(node);
    if (found === undefined) {
      found = new TrieNode();
      byNode.set(node, found);
      size++;
    }
    return found;
  }
}

const MAX_SIZE = 100_000;
let size = 0;
let root = new TrieNode();

/** The set with these elements, which are sorted, and their nodes. */
export function internSet(elements: readonly string[], nodes: readonly FieldSet[]): FieldSet {
  if (size > MAX_SIZE) {
    root = new TrieNode();
    size = 0;
  }
  let place = root;
  for (let i = 0; i < elements.length; i++) place = place.step(elements[i]!, nodes[i]!);
  if (place.set === undefined) {
    const set: { [element: string]: FieldSet } = {};
    for (let i = 0; i < elements.length; i++) set[elements[i]!] = nodes[i]!;
    place.set = set;
  }
  return place.set;
}

/** The same function with a memory: it is called once for the same two sets. */
export function memoized(
  operation: (a: FieldSet, b: FieldSet) => MaybeFieldSet,
): (a: FieldSet, b: FieldSet) => MaybeFieldSet {
  const known = new WeakMap<FieldSet, WeakMap<FieldSet, { readonly result: MaybeFieldSet }>>();
  return (a, b) => {
    let others = known.get(a);
    if (others === undefined) {
      others = new WeakMap();
      known.set(a, others);
    }
    let found = others.get(b);
    if (found === undefined) {
      found = { result: operation(a, b) };
      others.set(b, found);
    }
    return found.result;
  };
}
