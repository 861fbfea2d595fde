/**
 * JSON Patch as the API server applies it. https://www.rfc-editor.org/rfc/rfc6902
 *
 * It departs from the RFC where the server's library does: `replace` of a missing object field adds it, `test` of a
 * missing field equals null, indexes may be negative (-1 is the last item; for `add` the end), a missing `value` is null. Whatever
 * fails while the operations run gets the same answer, 422 without a word about the reason.
 * Objects that were opened on the way come out with sorted keys, which is visible where a message prints the object.
 */
import { StatusError } from '../status-error';
import { goFormat } from './go-format';
import { cloneJson, compareStrings, equalJson, getOwn, isObject, type JsonObject, setOwn } from './json';

const MAX_OPERATIONS = 10_000;

/** @throws StatusError 400 when it is no JSON Patch, 413 for too many operations, 422 when an operation fails. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw decodeError(patch, '[]handlers.jsonPatchOp');
  for (const operation of patch) {
    if (operation !== null && !isObject(operation)) throw decodeError(operation, 'handlers.jsonPatchOp');
  }
  if (patch.length > MAX_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`;
    throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);
  }
  let result = document;
  try {
    for (const operation of patch) result = applyOperation(result, (operation ?? {}) as JsonObject);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    throw new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  }
  return result;
}

/** The message of encoding/json for a value of the wrong type. */
export function decodeError(value: unknown, goTypeName: string): StatusError {
  return new StatusError(
    400,
    'BadRequest',
    `error decoding patch: json: cannot unmarshal ${jsonType(value)} into Go value of type ${goTypeName}`,
  );
}

export function jsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

class OperationError extends Error {}

const fail = (why: string): never => {
  throw new OperationError(why);
};

function applyOperation(document: unknown, operation: JsonObject): unknown {
  const path = pathOf(operation.path);
  const value = cloneJson(operation.value ?? null);
  switch (operation.op) {
    case 'add':
      return change(document, path, (container, key) => insert(container, key, value));
    case 'remove':
      return change(document, path, take);
    case 'replace':
      return path.length === 0 ? value : change(document, path, (container, key) => replace(container, key, value));
    case 'move': {
      const from = pathOf(operation.from);
      const moved = valueAt(document, from);
      const without = change(document, from, take);
      return change(without, path, (container, key) => insert(container, key, moved));
    }
    case 'copy': {
      const copied = cloneJson(valueAt(document, pathOf(operation.from)) ?? null);
      return change(document, path, (container, key) => insert(container, key, copied));
    }
    case 'test':
      return equalJson(valueAt(document, path) ?? null, value) ? document : fail('test failed');
    default:
      return fail(`unexpected kind: ${goFormat(operation.op)}`);
  }
}

/** `/a/b~1c` -> `['a', 'b/c']` */
function pathOf(pointer: unknown): string[] {
  if (typeof pointer !== 'string') return fail('no path');
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) return fail('no such path');
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** An object or list that may be changed: nobody else holds it. */
type Container = JsonObject | unknown[];

/** Rebuilds the containers on the way to the last key and changes the last one. */
function change(
  document: unknown,
  path: readonly string[],
  edit: (container: Container, key: string) => void,
): unknown {
  if (path.length === 0) {
    const root = open(document);
    edit(root, '');
    return root;
  }
  const [key, ...rest] = path as [string, ...string[]];
  const container = open(document);
  if (rest.length === 0) edit(container, key);
  else replace(container, key, change(childOf(container, key) ?? fail('no such path'), rest, edit));
  return container;
}

function open(value: unknown): Container {
  if (Array.isArray(value)) return [...value];
  if (!isObject(value)) return fail('no such path');
  const out: JsonObject = {};
  for (const key of Object.keys(value).sort(compareStrings)) setOwn(out, key, value[key]);
  return out;
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce((value, key, i) => {
    const last = i === path.length - 1;
    if (!Array.isArray(value) && !isObject(value)) return fail('no such path');
    const child = childOf(value, key);
    return child === undefined && !last ? fail('no such path') : child;
  }, document);
}

const childOf = (container: Container, key: string): unknown =>
  Array.isArray(container) ? container[indexOf(key, container.length)] : getOwn(container, key);

/** An existing index; counted from the end when negative. */
function indexOf(key: string, length: number): number {
  if (!/^[+-]?\d+$/.test(key)) return fail('no index');
  const index = Number(key);
  if (index >= length || index < -length) return fail('index out of bounds');
  return index < 0 ? index + length : index;
}

function insert(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) setOwn(container, key, value);
  else if (key === '-') container.push(value);
  else container.splice(indexOf(key, container.length + 1), 0, value);
}

function replace(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container)) container[indexOf(key, container.length)] = value;
  else setOwn(container, key, value);
}

function take(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(indexOf(key, container.length), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else fail('no such key');
}
