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
  LEAF,
  type MaybeFieldSet,
  makeNode,
  type PathElement,
} from './field-set';
import { equalJson, getOwn, isEmpty, isObject, type JsonObject, setOwn } from './json';
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

export function childTopology(topology: Topology, name: string): Topology {
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
  const changes = compareNodes(topology, before, after);
  if (changes === NOTHING) return NOTHING;
  const { added, modified, removed } = changes;
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

function compareLists(list: Topology, before: unknown, after: unknown): Comparison {
  const left = Array.isArray(before) ? before : [];
  const right = Array.isArray(after) ? after : [];
  if (list.atomic || (left.length === 0 && right.length === 0)) return compareLeaves(before, after);
  const changes = new ComparisonBuilder();
  if (left.length === 1 && right.length === 1) {
    const element = itemElement(list, left[0]);
    if (element === itemElement(list, right[0])) changes.change(element, compareNodes(list.items, left[0], right[0]));
    else {
      changes.remove(element, whole(list.items, left[0]));
      changes.add(itemElement(list, right[0]), whole(list.items, right[0]));
    }
    return changes.build();
  }
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

/** Most nodes of most comparisons have nothing to say, so nothing is made before it is needed. */
class ComparisonBuilder {
  private added: FieldSetBuilder | undefined;
  private modified: FieldSetBuilder | undefined;
  private removed: FieldSetBuilder | undefined;

  add(element: PathElement, node: MaybeFieldSet): void {
    this.added ??= new FieldSetBuilder();
    this.added.add(element, node);
  }

  remove(element: PathElement, node: MaybeFieldSet): void {
    this.removed ??= new FieldSetBuilder();
    this.removed.add(element, node);
  }

  change(element: PathElement, changes: Comparison): void {
    if (changes === NOTHING) return;
    if (changes.added) this.add(element, changes.added);
    if (changes.removed) this.remove(element, changes.removed);
    if (!changes.modified) return;
    this.modified ??= new FieldSetBuilder();
    this.modified.add(element, changes.modified);
  }

  build(): Comparison {
    const { added, modified, removed } = this;
    if (!added && !modified && !removed) return NOTHING;
    return { added: added?.build(), modified: modified?.build(), removed: removed?.build() };
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
