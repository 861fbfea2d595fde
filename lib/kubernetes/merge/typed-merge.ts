/**
 * Values and the fields they hold: which fields does an object set, what differs between two objects, what comes of
 * merging an applied configuration into a live object, what remains when some fields are taken out.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 *
 * Everything walks plain JSON along a {@link Topology}. Inputs are never changed; results share what they can with them,
 * and what is the same object on both sides is not even looked at.
 */
import {
  childrenOf,
  type FieldSet,
  FieldSetBuilder,
  fieldElement,
  isMember,
  LEAF,
  type MaybeFieldSet,
  makeNode,
  type PathElement,
  SELF,
} from './field-set';
import { equalJson, getOwn, isObject, type JsonObject, setOwn } from './json';
import { itemElement, itemsByElement, uniqueElements } from './list-items';
import { isScalar, type Topology } from './topology';
import { typedError } from './typed-errors';

export interface Comparison {
  readonly added: MaybeFieldSet;
  readonly modified: MaybeFieldSet;
  readonly removed: MaybeFieldSet;
}

const NOTHING: Comparison = { added: undefined, modified: undefined, removed: undefined };
const MODIFIED: Comparison = { added: undefined, modified: LEAF, removed: undefined };

function childTopology(topology: Topology, name: string): Topology {
  const child = topology.child(name);
  if (child === undefined) throw typedError(`.${name}: field not declared in schema`);
  return child;
}

// ---------------------------------------------------------------------------------------------------------------------
// the fields of one value

/** The fields that an applied configuration claims. */
export function fieldSetOf(topology: Topology, value: unknown): MaybeFieldSet {
  return childrenOf(claim(topology, value));
}

/** The node of a value: a member if the value is a leaf. */
function claim(topology: Topology, value: unknown): MaybeFieldSet {
  if (topology.kind === 'deduced') {
    if (isScalar(value) || Array.isArray(value)) return LEAF;
  } else if (topology.kind === 'scalar') {
    return LEAF;
  }
  if (topology.atomic) return LEAF;
  if (topology.kind === 'list') return Array.isArray(value) ? claimItems(topology, value) : undefined;
  if (!isObject(value)) return undefined;
  const builder = new FieldSetBuilder();
  for (const name in value) {
    const child = value[name];
    if (child === undefined) continue;
    const node = claim(childTopology(topology, name), child);
    const member = child === null || isEmptyObject(child) || !topology.declares(name);
    builder.add(fieldElement(name), member ? makeNode(true, childrenOf(node)) : node);
  }
  return builder.build();
}

function claimItems(list: Topology, items: readonly unknown[]): MaybeFieldSet {
  const builder = new FieldSetBuilder();
  for (const [element, same] of itemsByElement(list, items)) {
    const node = same.length > 1 ? LEAF : makeNode(true, childrenOf(claim(list.items, same[0])));
    builder.add(element, node);
  }
  return builder.build();
}

const isEmptyObject = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  for (const _ in value) return false;
  return true;
};

/** The node of a value that was not there before (or is no longer there): it and everything below are members. */
function whole(topology: Topology, value: unknown): FieldSet {
  if (value === null || typeof value !== 'object' || topology.atomic) return LEAF;
  const builder = new FieldSetBuilder();
  if (Array.isArray(value)) {
    if (topology.kind !== 'list' || value.length === 0) return LEAF;
    wholeItems(topology, value, builder);
  } else {
    const fields = topology.kind === 'map' ? topology.fields : undefined;
    for (const name in value) {
      const child = (value as JsonObject)[name];
      if (child === undefined) continue;
      const field = fields?.get(name);
      if (field) builder.add(field.element, whole(field.topology, child));
      else builder.add(fieldElement(name), whole(childTopology(topology, name), child));
    }
  }
  return makeNode(true, builder.build())!;
}

function wholeItems(list: Topology, items: readonly unknown[], builder: FieldSetBuilder): void {
  if (items.length === 1) {
    builder.add(itemElement(list, items[0]), whole(list.items, items[0]));
    return;
  }
  for (const [element, same] of itemsByElement(list, items)) {
    builder.add(element, same.length > 1 ? LEAF : whole(list.items, same[0]));
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// the difference of two values

/** What changes from one object to the other. */
export function compare(topology: Topology, before: unknown, after: unknown): Comparison {
  const { added, modified, removed } = compareNodes(topology, before, after);
  return { added: childrenOf(added), modified: childrenOf(modified), removed: childrenOf(removed) };
}

/** Both values are there (null counts as there). */
function compareNodes(topology: Topology, before: unknown, after: unknown): Comparison {
  if (before === after) return NOTHING;
  switch (topology.kind) {
    case 'scalar':
      return compareLeaves(before, after);
    case 'list':
      return compareLists(topology, before, after);
    case 'map':
      return compareMaps(topology, before, after);
    default:
      return compareDeduced(topology, before, after);
  }
}

const compareLeaves = (before: unknown, after: unknown): Comparison => (equalJson(before, after) ? NOTHING : MODIFIED);

function compareDeduced(topology: Topology, before: unknown, after: unknown): Comparison {
  const shape = (value: unknown) => (isScalar(value) ? 'scalar' : Array.isArray(value) ? 'list' : 'map');
  const [left, right] = [shape(before), shape(after)];
  if (left === right && left !== 'map') return compareLeaves(before, after);
  if (left === right) return compareMaps(topology, before, after);
  // A change of shape: the side that is no object is a modified leaf, the fields of the other come or go.
  const { added, removed } = topology.atomic ? NOTHING : compareMaps(topology, before, after);
  return { added, removed, modified: LEAF };
}

function compareMaps(topology: Topology, before: unknown, after: unknown): Comparison {
  const left = isObject(before) ? before : undefined;
  const right = isObject(after) ? after : undefined;
  if (topology.atomic || (isEmpty(left) && isEmpty(right))) return compareLeaves(before, after);
  const changes = new ComparisonBuilder();
  for (const name in left) {
    const old = left[name];
    if (old === undefined) continue;
    const value = right && getOwn(right, name);
    if (value === undefined) changes.remove(fieldElement(name), whole(childTopology(topology, name), old));
    else if (value !== old) changes.change(fieldElement(name), compareNodes(childTopology(topology, name), old, value));
  }
  for (const name in right) {
    const value = right[name];
    if (value === undefined || (left && getOwn(left, name) !== undefined)) continue;
    changes.add(fieldElement(name), whole(childTopology(topology, name), value));
  }
  return changes.build();
}

function isEmpty(object: JsonObject | undefined): boolean {
  for (const name in object) if (object[name] !== undefined) return false;
  return true;
}

function compareLists(list: Topology, before: unknown, after: unknown): Comparison {
  const left = Array.isArray(before) ? before : [];
  const right = Array.isArray(after) ? after : [];
  if (list.atomic || (left.length === 0 && right.length === 0)) return compareLeaves(before, after);
  const changes = new ComparisonBuilder();
  const olds = itemsByElement(list, left);
  const news = itemsByElement(list, right);
  for (const [element, old] of olds) compareItems(list, { element, old, next: news.get(element) ?? [] }, changes);
  for (const [element, next] of news) if (!olds.has(element)) compareItems(list, { element, old: [], next }, changes);
  return changes.build();
}

/** Duplicates under one key are compared as one leaf: they come, go or change together. */
function compareItems(
  list: Topology,
  items: { element: PathElement; old: readonly unknown[]; next: readonly unknown[] },
  changes: ComparisonBuilder,
): void {
  const { element, old, next } = items;
  if (old.length > 1 && next.length > 1) {
    if (!equalJson(old, next)) changes.change(element, MODIFIED);
  } else if (old.length > 1) {
    changes.remove(element, LEAF);
    if (next.length === 1) changes.add(element, whole(list.items, next[0]));
  } else if (next.length > 1) {
    changes.add(element, LEAF);
    if (old.length === 1) changes.remove(element, whole(list.items, old[0]));
  } else if (old.length === 0) {
    changes.add(element, whole(list.items, next[0]));
  } else if (next.length === 0) {
    changes.remove(element, whole(list.items, old[0]));
  } else {
    changes.change(element, compareNodes(list.items, old[0], next[0]));
  }
}

class ComparisonBuilder {
  private readonly added = new FieldSetBuilder();
  private readonly modified = new FieldSetBuilder();
  private readonly removed = new FieldSetBuilder();

  add(element: PathElement, node: MaybeFieldSet): void {
    this.added.add(element, node);
  }

  remove(element: PathElement, node: MaybeFieldSet): void {
    this.removed.add(element, node);
  }

  change(element: PathElement, { added, modified, removed }: Comparison): void {
    this.added.add(element, added);
    this.modified.add(element, modified);
    this.removed.add(element, removed);
  }

  build(): Comparison {
    return { added: this.added.build(), modified: this.modified.build(), removed: this.removed.build() };
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// merging

/**
 * The live value with the applied one merged in: nothing is removed, the applied value wins where both set a leaf.
 * Undefined when nothing remains.
 */
export function merge(topology: Topology, live: unknown, applied: unknown): unknown {
  if (applied === undefined || live === applied) return live;
  if (live === undefined) return applied;
  switch (topology.kind) {
    case 'scalar':
      return applied;
    case 'list':
      return mergeLists(topology, live, applied);
    case 'map':
      return mergeMaps(topology, live, applied);
    default:
      return isScalar(applied) || Array.isArray(applied) ? applied : mergeMaps(topology, live, applied);
  }
}

function mergeMaps(topology: Topology, live: unknown, applied: unknown): unknown {
  const left = isObject(live) ? live : {};
  const right = isObject(applied) ? applied : {};
  if (topology.atomic || (isEmpty(left) && isEmpty(right))) return applied;
  const out: JsonObject = {};
  let some = false;
  const put = (name: string, value: unknown) => {
    if (value === undefined) return;
    setOwn(out, name, value);
    some = true;
  };
  for (const name in left) {
    const child = getOwn(right, name);
    put(name, child === undefined ? left[name] : merge(childTopology(topology, name), left[name], child));
  }
  for (const name in right) if (getOwn(left, name) === undefined) put(name, right[name]);
  return some ? out : undefined;
}

/**
 * Applied items come in their applied order; live-only items keep their place relative to the live neighbours.
 * Live [a b c d], applied [d b] gives [a c d b]: d and b as applied, a and c before d as they were.
 */
function mergeLists(list: Topology, live: unknown, applied: unknown): unknown {
  const left = Array.isArray(live) ? live : [];
  const right = Array.isArray(applied) ? applied : [];
  if (list.atomic || (left.length === 0 && right.length === 0)) return applied;
  const rights = uniqueElements(list, right);
  const lefts = left.map((item) => itemElement(list, item));
  const liveItems = itemsByElement(list, left);
  const rightIndex = new Map(rights.map((element, i) => [element, i]));
  const shared = rights.filter((element) => liveItems.has(element));
  const done = new Set<PathElement>();
  const out: unknown[] = [];
  const take = (item: unknown) => {
    if (item !== undefined) out.push(item);
  };
  const takeApplied = (element: PathElement) => {
    const same = liveItems.get(element);
    done.add(element);
    // Duplicates in the live list give way to the applied item.
    take(merge(list.items, same?.length === 1 ? same[0] : undefined, right[rightIndex.get(element)!]));
    if (shared[0] === element) shared.shift();
  };
  let l = 0;
  let r = 0;
  while (l < lefts.length || r < rights.length) {
    const element = lefts[l];
    if (l < lefts.length && r < rights.length) {
      if (element === rights[r]) {
        l++;
        takeApplied(rights[r++]!);
        continue;
      }
      if (rightIndex.has(element!) && shared.length > 0 && shared[0] !== element) {
        l++; // applied too, but not its turn
        continue;
      }
    }
    if (l < lefts.length) {
      if (!rightIndex.has(element!)) {
        take(left[l++]);
        continue;
      }
      if (done.has(element!)) l++;
    }
    if (r < rights.length) takeApplied(rights[r++]!);
  }
  return out.length > 0 ? out : undefined;
}

// ---------------------------------------------------------------------------------------------------------------------
// taking out

/** The value without the members of the set; a container that loses its last item becomes null. */
export function removeFields(topology: Topology, value: unknown, set: MaybeFieldSet): unknown {
  if (set === undefined || isScalar(value)) return value;
  if (topology.kind === 'scalar') return value;
  if (Array.isArray(value)) {
    if (topology.atomic || topology.kind !== 'list' || value.length === 0) return null;
    const kept = keepItems(topology, value, set);
    return kept.length > 0 ? kept : null;
  }
  if (!isObject(value) || topology.atomic || isEmpty(value)) return null;
  const out: JsonObject = {};
  let some = false;
  for (const name in value) {
    const node = set[fieldElement(name)];
    if (node !== undefined && isMember(node)) continue;
    const below = childrenOf(node);
    setOwn(out, name, below ? removeFields(childTopology(topology, name), value[name], below) : value[name]);
    some = true;
  }
  return some ? out : null;
}

function keepItems(list: Topology, items: readonly unknown[], set: FieldSet): unknown[] {
  const out: unknown[] = [];
  for (const item of items) {
    const node = set[itemElement(list, item)];
    if (node !== undefined && isMember(node)) continue;
    const below = childrenOf(node);
    out.push(below ? removeFields(list.items, item, below) : item);
  }
  return out;
}

// ---------------------------------------------------------------------------------------------------------------------
// sets along a topology

/** Sets name leaves; this adds the declared fields on the way to them (not map keys), so that whole branches can be compared. */
export function withDeclaredParents(topology: Topology | undefined, set: MaybeFieldSet): MaybeFieldSet {
  if (set === undefined) return undefined;
  const builder = new FieldSetBuilder();
  for (const element in set) {
    if (element === SELF) continue;
    const below = childrenOf(set[element]);
    if (below === undefined) {
      if (isMember(set[element])) builder.add(element, LEAF);
      continue;
    }
    const name = element.slice(2);
    const isField = element[0] === 'f' && topology !== undefined && topology.kind !== 'list';
    const child = isField ? topology.child(name) : element[0] === 'k' ? listItems(topology) : undefined;
    const member = isMember(set[element]) || (isField && topology.declares(name));
    builder.add(element, makeNode(member, withDeclaredParents(child, below)));
  }
  return builder.build();
}

const listItems = (topology: Topology | undefined): Topology | undefined =>
  topology?.kind === 'list' || topology?.kind === 'deduced' ? topology.items : undefined;

/**
 * A set written under an older schema: where a list or map has become atomic since, whoever owned something in it now
 * owns it as a whole.
 */
export function adaptToTopology(topology: Topology, set: MaybeFieldSet): MaybeFieldSet {
  if (set === undefined || topology.kind === 'deduced') return set;
  const builder = new FieldSetBuilder();
  for (const element in set) {
    if (element === SELF) continue;
    const node = set[element]!;
    const below = childrenOf(node);
    const child = element[0] === 'f' ? topology.child(element.slice(2)) : listItems(topology);
    if (child === undefined || child.kind === 'deduced' || below === undefined) builder.add(element, node);
    else if (child.atomic) builder.add(element, LEAF);
    else builder.add(element, makeNode(isMember(node), adaptToTopology(child, below)));
  }
  return builder.build();
}
