/**
 * A set of paths into an object, in the form in which `metadata.managedFields[].fieldsV1` carries it: a trie whose keys
 * are path elements.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 *
 *     f:replicas           the field (or map key) `replicas`
 *     k:{"name":"nginx"}   the list item with that key; keys sorted by name
 *     v:"x.y/protect"      the set member with that value
 *     i:0                  the list item at that index (read, never written)
 *
 * An element is a *member* of the set when its node is empty (`{}`) or holds the marker `.`; a node that only has
 * children is on the way to members. So `{"f:spec":{"f:ports":{".":{},"f:x":{}}}}` holds `spec.ports` and `spec.ports.x`.
 *
 * The wire form *is* the data structure: reading and writing managedFields of a stored object costs nothing, and sets
 * share structure. Sets are never changed, only rebuilt; `undefined` stands for the empty set. The keys of every node are kept in
 * the server's order (fields, keys, values, indexes; each sorted), which is the order of conflicts in messages.
 */
import { internSet, memoized } from './interned-sets';
import { compareStrings, isObject } from './json';

export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** The empty set is `undefined`, so that whoever holds a set knows that it has a member. */
export type MaybeFieldSet = FieldSet | undefined;

/** A member without children. */
export const LEAF: FieldSet = Object.freeze({});
/** Marks a node with children as a member itself. */
export const SELF = '.';

export type PathElement = string;
export type FieldPath = readonly PathElement[];

// ---------------------------------------------------------------------------------------------------------------------
// elements

const fieldElements = new Map<string, PathElement>();

/** `f:<name>`. Names of schema fields are few, so their elements are kept and shared. */
export function fieldElement(name: string): PathElement {
  let element = fieldElements.get(name);
  if (element === undefined) {
    element = `f:${name}`;
    if (fieldElements.size < 10_000) fieldElements.set(name, element);
  }
  return element;
}

/** `v:<json>` */
export const valueElement = (value: unknown): PathElement => `v:${goJsonScalar(value)}`;

/** Go's encoding/json also escapes `<`, `>`, `&` and the two line separators. */
export function goJsonScalar(value: unknown): string {
  const text = JSON.stringify(value);
  return typeof value === 'string' && /[<>&\u2028\u2029]/.test(value)
    ? text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : text;
}

const KINDS = 'fkvi';

/** The server's order of path elements: fields, then keys, values and indexes. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0;
  const kind = KINDS.indexOf(a[0]!) - KINDS.indexOf(b[0]!);
  if (kind !== 0) return kind;
  switch (a[0]) {
    case 'f':
      return compareStrings(a, b);
    case 'k':
      return compareKeys(parseKey(a), parseKey(b));
    default:
      return compareScalars(JSON.parse(a.slice(2)), JSON.parse(b.slice(2)));
  }
}

type Key = readonly (readonly [name: string, value: unknown])[];

const parsedKeys = new Map<PathElement, Key>();

/** Keys are compared again and again: the names of conditions, of containers. */
function parseKey(element: PathElement): Key {
  let key = parsedKeys.get(element);
  if (key === undefined) {
    const pairs = Object.entries(JSON.parse(element.slice(2)) as Record<string, unknown>);
    key = pairs.sort(([a], [b]) => compareStrings(a, b));
    if (parsedKeys.size >= 10_000) parsedKeys.clear();
    parsedKeys.set(element, key);
  }
  return key;
}

function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const byName = compareStrings(a[i]![0], b[i]![0]);
    if (byName !== 0) return byName;
    const byValue = compareScalars(a[i]![1], b[i]![1]);
    if (byValue !== 0) return byValue;
  }
  return a.length - b.length;
}

const SCALARS = ['number', 'string', 'boolean'];

function compareScalars(a: unknown, b: unknown): number {
  const type = SCALARS.indexOf(typeof a) - SCALARS.indexOf(typeof b);
  if (type !== 0) return type;
  if (typeof a === 'number') return a - (b as number);
  if (typeof a === 'boolean') return Number(a) - Number(b);
  return compareStrings(String(a), String(b));
}

/** How messages name an element: `.replicas`, `[name="nginx"]`, `[="x"]`, `[0]`. */
function elementText(element: PathElement): string {
  const content = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${content}`;
    case 'k':
      return `[${parseKey(element)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`;
    case 'v':
      return `[=${content}]`;
    default:
      return `[${content}]`;
  }
}

/** `.spec.template.spec.containers[name="c"].image` */
export const pathText = (path: FieldPath): string => path.map(elementText).join('');

// ---------------------------------------------------------------------------------------------------------------------
// nodes

/** Is the element that leads to this node a member of the set? */
export function isMember(node: MaybeFieldSet): boolean {
  if (node === undefined) return false;
  if (SELF in node) return true;
  for (const _ in node) return false;
  return true;
}

/** The set below a node: what its element leads to, relative to it. */
export function childrenOf(node: MaybeFieldSet): MaybeFieldSet {
  if (node === undefined) return undefined;
  for (const element in node) if (element !== SELF) return node;
  return undefined;
}

/** A node from its two halves; undefined when there is nothing in it. */
export function makeNode(member: boolean, children: MaybeFieldSet): MaybeFieldSet {
  if (children === undefined) return member ? LEAF : undefined;
  if (member === SELF in children) return children;
  return member ? withSelf(children, LEAF) : withoutSelf(children, LEAF);
}

const withSelf = memoized((children) => ({ [SELF]: LEAF, ...children }));

const withoutSelf = memoized(({ [SELF]: _, ...rest }) => rest as FieldSet);

/** Builds one level of a set: elements come in any order, nodes without content are left out. */
export class FieldSetBuilder {
  private readonly elements: PathElement[] = [];
  private readonly nodes: FieldSet[] = [];
  private sorted = true;

  add(element: PathElement, node: MaybeFieldSet): void {
    if (node === undefined) return;
    const { length } = this.elements;
    if (this.sorted && length > 0 && compareElements(this.elements[length - 1]!, element) > 0) this.sorted = false;
    this.elements.push(element);
    this.nodes.push(node);
  }

  build(): MaybeFieldSet {
    const { elements, nodes } = this;
    if (elements.length === 0) return undefined;
    if (this.sorted) return internSet(elements, nodes);
    const order = elements.map((_, i) => i).sort((a, b) => compareElements(elements[a]!, elements[b]!));
    return internSet(
      order.map((i) => elements[i]!),
      order.map((i) => nodes[i]!),
    );
  }
}

/** The set of one path. */
export function setOf(path: FieldPath): FieldSet {
  return path.reduceRight<FieldSet>((node, element) => ({ [element]: node }), LEAF);
}

/** The set of several paths of field names, e.g. `[['metadata', 'name'], ['status']]`. */
export function setOfFields(paths: readonly (readonly string[])[]): MaybeFieldSet {
  return paths.reduce<MaybeFieldSet>((set, path) => union(set, setOf(path.map(fieldElement))), undefined);
}

// ---------------------------------------------------------------------------------------------------------------------
// operations; all are linear in the smaller tree and share what does not change

export function union(a: MaybeFieldSet, b: MaybeFieldSet): MaybeFieldSet {
  if (a === undefined || a === b) return b;
  return b === undefined ? a : unionOf(a, b);
}

const unionOf = memoized((a, b) => {
  const builder = new FieldSetBuilder();
  for (const element in a) {
    if (element === SELF) continue;
    const other = b[element];
    builder.add(element, other === undefined ? a[element] : unionNodes(a[element]!, other));
  }
  for (const element in b) if (element !== SELF && !(element in a)) builder.add(element, b[element]);
  return builder.build();
});

function unionNodes(a: FieldSet, b: FieldSet): MaybeFieldSet {
  return a === b ? a : makeNode(isMember(a) || isMember(b), union(childrenOf(a), childrenOf(b)));
}

/** Members of both. */
export function intersection(a: MaybeFieldSet, b: MaybeFieldSet): MaybeFieldSet {
  if (a === undefined || b === undefined) return undefined;
  return a === b ? a : intersectionOf(a, b);
}

const intersectionOf = memoized((a, b) => {
  const builder = new FieldSetBuilder();
  for (const element in a) {
    if (element === SELF) continue;
    const left = a[element]!;
    const right = b[element];
    if (right === undefined) continue;
    const member = isMember(left) && isMember(right);
    builder.add(element, makeNode(member, intersection(childrenOf(left), childrenOf(right))));
  }
  return builder.build();
});

/** Members of a that are not members of b. Removing a parent leaves its children. */
export function difference(a: MaybeFieldSet, b: MaybeFieldSet): MaybeFieldSet {
  return a === undefined || b === undefined ? a : differenceOf(a, b);
}

const differenceOf = memoized((a, b) => {
  const builder = new FieldSetBuilder();
  for (const element in a) {
    if (element === SELF) continue;
    const left = a[element]!;
    const right = b[element];
    if (right === undefined) {
      builder.add(element, left);
    } else {
      const member = isMember(left) && !isMember(right);
      builder.add(element, makeNode(member, difference(childrenOf(left), childrenOf(right))));
    }
  }
  return builder.build();
});

/** As {@link difference}, but a member of b takes everything below it along. */
export function differenceWithChildren(a: MaybeFieldSet, b: MaybeFieldSet): MaybeFieldSet {
  return a === undefined || b === undefined ? a : differenceWithChildrenOf(a, b);
}

const differenceWithChildrenOf = memoized((a, b) => {
  const builder = new FieldSetBuilder();
  for (const element in a) {
    if (element === SELF) continue;
    const left = a[element]!;
    const right = b[element];
    if (right === undefined) {
      builder.add(element, left);
    } else if (!isMember(right)) {
      builder.add(element, makeNode(isMember(left), differenceWithChildren(childrenOf(left), childrenOf(right))));
    }
  }
  return builder.build();
});

export function has(set: MaybeFieldSet, path: FieldPath): boolean {
  let node = set;
  for (const element of path) {
    if (node === undefined || element === SELF) return false;
    node = node[element];
  }
  return path.length > 0 && isMember(node);
}

/** Every member, a level's own members before what lies deeper: the order in which the server lists conflicts. */
export function pathsOf(set: MaybeFieldSet): FieldPath[] {
  const out: FieldPath[] = [];
  const visit = (children: FieldSet, prefix: FieldPath) => {
    for (const element in children) {
      if (element !== SELF && isMember(children[element])) out.push([...prefix, element]);
    }
    for (const element in children) {
      const below = element === SELF ? undefined : childrenOf(children[element]);
      if (below) visit(below, [...prefix, element]);
    }
  };
  if (set) visit(set, []);
  return out;
}

/** The members that have no members below them. */
export function leavesOf(set: MaybeFieldSet): MaybeFieldSet {
  if (set === undefined) return undefined;
  const builder = new FieldSetBuilder();
  for (const element in set) {
    if (element === SELF) continue;
    const below = childrenOf(set[element]);
    builder.add(element, below === undefined ? LEAF : leavesOf(below));
  }
  return builder.build();
}

export function equalSets(a: MaybeFieldSet, b: MaybeFieldSet): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  let count = 0;
  for (const element in a) {
    if (!(element in b) || !equalSets(a[element], b[element])) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}

// ---------------------------------------------------------------------------------------------------------------------
// reading what a client sent

/**
 * Checks and normalises a fieldsV1 that did not come from this code: elements of an unknown kind are dropped, keys sorted.
 * @throws Error when it is not a field set.
 */
export function parseFieldSet(fieldsV1: unknown): MaybeFieldSet {
  if (!isObject(fieldsV1)) throw new Error('expected an object');
  return childrenOf(parseNode(fieldsV1));
}

function parseNode(source: unknown): FieldSet {
  if (!isObject(source)) return LEAF;
  const builder = new FieldSetBuilder();
  for (const key of Object.keys(source)) {
    if (key === SELF) continue;
    const element = parseElement(key);
    if (element !== undefined) builder.add(element, parseNode(source[key]));
  }
  return makeNode(Object.hasOwn(source, SELF), builder.build()) ?? LEAF;
}

function parseElement(text: string): PathElement | undefined {
  if (text.length < 2) throw new Error('key must be 2 characters long:');
  if (text[1] !== ':') throw new Error(`missing colon: ${text}`);
  const content = text.slice(2);
  switch (text[0]) {
    case 'f':
      return text;
    case 'v':
      return valueElement(JSON.parse(content));
    case 'k': {
      const key: unknown = JSON.parse(content);
      if (!isObject(key)) throw new Error(`not a key: ${text}`);
      return keyElement(Object.entries(key).sort(([a], [b]) => compareStrings(a, b)));
    }
    case 'i':
      if (!/^-?\d+$/.test(content)) throw new Error(`not an index: ${text}`);
      return text;
    default:
      return undefined;
  }
}

/** `k:{"containerPort":80,"protocol":"TCP"}`; the pairs come sorted by name. */
export function keyElement(pairs: readonly (readonly [name: string, value: unknown])[]): PathElement {
  let out = 'k:{';
  for (let i = 0; i < pairs.length; i++) {
    const [name, value] = pairs[i]!;
    out += `${i === 0 ? '' : ','}"${name}":${goJsonScalar(value)}`;
  }
  return `${out}}`;
}
