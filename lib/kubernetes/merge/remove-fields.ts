/** Sets of fields laid over values and types: what remains of an object without some fields, what a set means in a type. */
import {
  childrenOf,
  type FieldSet,
  FieldSetBuilder,
  fieldElement,
  isMember,
  LEAF,
  type MaybeFieldSet,
  makeNode,
  SELF,
} from './field-set';
import { isEmpty, isObject, type JsonObject, setOwn } from './json';
import { itemElement } from './list-items';
import { isScalar, type Topology } from './topology';
import { childTopology } from './typed-merge';

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
