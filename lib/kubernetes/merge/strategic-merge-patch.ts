/**
 * Strategic merge patch: as a merge patch, but lists whose schema says so are merged by a key (or as a set), and directives in the
 * patch say what a value cannot.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
 * https://git.k8s.io/community/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 *
 *     $patch: replace | delete            of the object it stands in (in a merging list: of the list, of the item)
 *     $retainKeys: [a, b]                 only these keys of the object survive
 *     $setElementOrder/containers: [...]  the order the list shall have
 *     $deleteFromPrimitiveList/x: [...]   values to take out of a merging list of scalars
 *
 * Most mistakes are answered with 500, in the words below. Neither argument is changed.
 */
import type { Schema } from '../schema/schema';
import { badRequest, StatusError } from '../status-error';
import { goFormat, goString, goType } from './go-format';
import { equalJson, getOwn, isObject, type JsonObject, setOwn } from './json';
import { jsonType } from './json-patch';
import { orderItems } from './strategic-merge-order';

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const SET_ELEMENT_ORDER = '$setElementOrder';
const DELETE_FROM_PRIMITIVE_LIST = '$deleteFromPrimitiveList';

/**
 * @param schema of the document's kind
 * @throws StatusError 400 for a patch of the wrong form, 422 for lists of lists, 500 for everything else
 */
export function applyStrategicMergePatch(document: JsonObject, patch: unknown, schema: Schema): JsonObject {
  if (patch === null) return document;
  if (!isObject(patch)) {
    throw badRequest(`json: cannot unmarshal ${jsonType(patch)} into Go value of type map[string]interface {}`);
  }
  return mergeObject(document, patch, schema);
}

const failure = (message: string): StatusError => new StatusError(500, '', message);

const noMergeKey = (item: JsonObject, key: string): StatusError =>
  failure(`map: ${goFormat(item)} does not contain declared merge key: ${key}`);

const unknownDirective = (directive: unknown, object: JsonObject): StatusError =>
  failure(`unknown patch type: ${goString(directive)} in map: ${goFormat(object)}`);

const wrongType = (expected: string, actual: unknown): StatusError =>
  failure(`expected a ${expected}, but received a ${goType(actual)}`);

// ---------------------------------------------------------------------------------------------------------------------
// objects

function mergeObject(original: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  if (Object.hasOwn(patch, PATCH)) return replaceOrDelete(patch);
  const out = retainKeys(original, patch);
  const rest: JsonObject = { ...patch };
  delete rest[RETAIN_KEYS];
  for (const key of Object.keys(patch))
    if (key.startsWith(SET_ELEMENT_ORDER)) setElementOrder(out, { key, rest, schema });
  for (const key of Object.keys(rest)) {
    if (key.startsWith(DELETE_FROM_PRIMITIVE_LIST)) deleteFromList(out, { key, values: rest[key], schema });
    else mergeField(out, { key, value: rest[key], schema });
  }
  return out;
}

function replaceOrDelete(patch: JsonObject): JsonObject {
  const { [PATCH]: directive, ...rest } = patch;
  if (directive === 'replace') return rest;
  if (directive === 'delete') return {};
  throw unknownDirective(directive, patch);
}

/** A copy of the original with the keys that survive. */
function retainKeys(original: JsonObject, patch: JsonObject): JsonObject {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return { ...original };
  const keys = patch[RETAIN_KEYS];
  if (!Array.isArray(keys)) throw badRequest('invalid patch format of retainKeys');
  for (const key of Object.keys(patch)) {
    const directive = key.startsWith('$');
    if (!directive && patch[key] !== null && !keys.includes(key))
      throw badRequest('invalid patch format of retainKeys');
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => keys.includes(key)));
}

function mergeField(out: JsonObject, field: { key: string; value: unknown; schema: Schema }): void {
  const { key, value, schema } = field;
  const original = getOwn(out, key);
  if (value === null) {
    delete out[key];
  } else if (isObject(original) && isObject(value)) {
    const { schema: own, strategy } = fieldSchema(schema, key);
    setOwn(out, key, strategy === 'replace' ? value : mergeObject(original, value, own));
  } else if (Array.isArray(original) && Array.isArray(value)) {
    setOwn(out, key, mergeList(original, value, listSchema(schema, key)));
  } else {
    const sameType = original !== undefined && goType(original) === goType(value);
    const kept = withoutDirectives(sameType ? value : withoutNulls(value));
    if (kept === undefined) delete out[key];
    else setOwn(out, key, kept);
  }
}

/** Nulls in something new remove nothing. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== null)
      .map(([key, child]) => [key, withoutNulls(child)]),
  );
}

/** Something new has nothing to replace or delete; undefined when the value itself is a directive. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, PATCH)) return undefined;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, child]) => [key, withoutDirectives(child)])
      .filter(([, child]) => child !== undefined),
  );
}

// ---------------------------------------------------------------------------------------------------------------------
// what the schema says of a field

interface FieldSchema {
  readonly schema: Schema;
  /** Without `retainKeys`, which kubectl reads and the server does not. */
  readonly strategy: string;
  readonly mergeKey: string;
}

function fieldSchema(schema: Schema, key: string): FieldSchema {
  if (schema.type !== 'struct') {
    const kind = schema.type === 'list' ? 'slice' : schema.type;
    throw failure(`merging an object in json but data type is not struct, instead is: ${kind}`);
  }
  const field = schema.fields?.get(key);
  if (!field) {
    const struct = schema.typeName?.slice(schema.typeName.lastIndexOf('.') + 1) ?? '';
    throw failure(`unable to find api field in struct ${struct} for the json field ${JSON.stringify(key)}`);
  }
  const strategy = field.patchStrategy?.find((name) => name !== 'retainKeys') ?? '';
  return { schema: field, strategy, mergeKey: field.patchMergeKey ?? '' };
}

export interface ListSchema {
  readonly items: Schema;
  readonly merges: boolean;
  /** Empty for lists of scalars. */
  readonly mergeKey: string;
}

function listSchema(schema: Schema, key: string): ListSchema {
  const field = fieldSchema(schema, key);
  if (field.schema.type !== 'list') throw failure('expected slice or array type, but got: struct');
  return { items: field.schema.items!, merges: field.strategy === 'merge', mergeKey: field.mergeKey };
}

// ---------------------------------------------------------------------------------------------------------------------
// lists

function mergeList(original: readonly unknown[], patch: readonly unknown[], list: ListSchema): unknown[] {
  if (!list.merges) return [...patch];
  if (original.length === 0 && patch.length === 0) return [];
  checkItemTypes(original, patch);
  if (!isObject(original[0] ?? patch[0])) {
    const merged = [...new Set([...original, ...patch])];
    return orderItems({ merged, order: patch, liveOrder: original, mergeKey: '' });
  }
  if (list.mergeKey === '') throw failure('cannot merge lists without merge key for struct');
  const { base, items, replaced } = applyItemDirectives(original as JsonObject[], patch as JsonObject[], list.mergeKey);
  if (replaced) return items;
  const merged = mergeItems(base, items, list);
  return orderItems({ merged, order: items, liveOrder: base, mergeKey: list.mergeKey });
}

/** All items of a list that is merged have one type. */
function checkItemTypes(...lists: (readonly unknown[])[]): void {
  const [first, ...others] = lists.flat();
  if (Array.isArray(first)) {
    throw new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  }
  if (others.some((item) => goType(item) !== goType(first))) {
    throw failure(`list element types are not identical: ${goFormat(lists)}`);
  }
}

function applyItemDirectives(
  original: readonly JsonObject[],
  patch: readonly JsonObject[],
  mergeKey: string,
): { base: readonly JsonObject[]; items: JsonObject[]; replaced: boolean } {
  let base = original;
  let replaced = false;
  const items: JsonObject[] = [];
  for (const item of patch) {
    const directive = item[PATCH];
    if (!Object.hasOwn(item, PATCH)) {
      items.push(item);
    } else if (directive === 'delete') {
      if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
      base = base.filter((old) => !Object.hasOwn(old, mergeKey) || !equalJson(old[mergeKey], item[mergeKey]));
    } else if (directive === 'replace') {
      replaced = true;
    } else if (directive === 'merge') {
      throw failure('merging lists cannot yet be specified in the patch');
    } else {
      throw unknownDirective(directive, item);
    }
  }
  return { base, items, replaced };
}

function mergeItems(base: readonly JsonObject[], items: readonly JsonObject[], list: ListSchema): JsonObject[] {
  const out = [...base];
  for (const item of items) {
    if (!Object.hasOwn(item, list.mergeKey)) throw noMergeKey(item, list.mergeKey);
    const at = out.findIndex(
      (old) => Object.hasOwn(old, list.mergeKey) && equalJson(old[list.mergeKey], item[list.mergeKey]),
    );
    if (at < 0) out.push(item);
    else out[at] = mergeObject(out[at]!, item, list.items);
  }
  return out;
}

// ---------------------------------------------------------------------------------------------------------------------
// parallel lists

/** `$prefix/field` -> `field` */
function fieldOf(key: string, prefix: string, problem: string): string {
  if (!key.startsWith(`${prefix}/`)) throw badRequest(problem);
  return key.slice(prefix.length + 1);
}

function deleteFromList(out: JsonObject, directive: { key: string; values: unknown; schema: Schema }): void {
  const { key, values, schema } = directive;
  const name = fieldOf(key, DELETE_FROM_PRIMITIVE_LIST, 'invalid patch format of primitive list');
  const original = getOwn(out, name);
  if (values === null) {
    delete out[name];
  } else if (Array.isArray(original) && Array.isArray(values)) {
    listSchema(schema, name); // the field must exist
    if (original.length === 0 && values.length === 0) return;
    checkItemTypes(original, values);
    setOwn(
      out,
      name,
      original.filter((item) => !values.includes(item)),
    );
  }
}

/** Merges the list a `$setElementOrder` speaks of, brings it into that order, and takes both out of the patch. */
function setElementOrder(out: JsonObject, directive: { key: string; rest: JsonObject; schema: Schema }): void {
  const { key, rest, schema } = directive;
  const order = rest[key];
  delete rest[key];
  if (!Array.isArray(order)) throw wrongType('[]interface {}', order);
  const name = fieldOf(key, SET_ELEMENT_ORDER, 'invalid patch format of setElementOrder list');
  const original = getOwn(out, name);
  const patch = getOwn(rest, name);
  for (const list of [original, patch]) {
    if (list !== undefined && !Array.isArray(list)) throw wrongType('[]interface {}', list);
  }
  const list = listSchema(schema, name);
  checkOrder((patch ?? []) as unknown[], order, list.mergeKey);
  if (original === undefined && patch === undefined) return;
  delete rest[name];
  setOwn(out, name, mergeInOrder({ original, patch, order, list } as OrderedMerge));
}

interface OrderedMerge {
  readonly original: unknown[] | undefined;
  readonly patch: unknown[] | undefined;
  readonly order: unknown[];
  readonly list: ListSchema;
}

function mergeInOrder({ original, patch, order, list }: OrderedMerge): unknown[] {
  const merged =
    patch === undefined
      ? original!
      : original === undefined
        ? (withoutDirectives(patch) as unknown[])
        : mergeList(original, patch, list);
  if (list.mergeKey !== '') {
    for (const item of [...merged, ...order]) {
      if (!isObject(item)) throw wrongType('map[string]interface {}', item);
      if (!Object.hasOwn(item, list.mergeKey)) throw noMergeKey(item, list.mergeKey);
    }
  }
  return orderItems({ merged, order, liveOrder: original ?? [], mergeKey: list.mergeKey });
}

/** Items of the patch come in the order of `$setElementOrder`, and all of them are in it. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (order.length === 0 || patch.length === 0) return;
  const keyOf = (item: unknown): unknown => {
    if (mergeKey === '') return item;
    if (!isObject(item)) throw wrongType('map[string]interface {}', item);
    if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
    return item[mergeKey];
  };
  const items = patch.filter((item) => {
    if (mergeKey !== '' && !isObject(item)) throw wrongType('map[string]interface {}', item);
    return !isObject(item) || !Object.hasOwn(item, PATCH);
  });
  let next = 0;
  for (const wanted of order) {
    if (next < items.length && equalJson(keyOf(items[next]), keyOf(wanted))) next++;
  }
  if (next < items.length) {
    throw failure(
      `The order in patch list:\n${goFormat(patch)}\n doesn't match ${SET_ELEMENT_ORDER} list:\n${goFormat(order)}\n`,
    );
  }
}
