/**
 * Reads objects in which nothing is wrong, several times faster than the reader that can say what is: one reader per place of the
 * schema, made once, which visits each field once and keeps no record of where it stands. At the first flaw (a value of the wrong type, a
 * field nobody knows) it gives up, and the careful reader starts over.
 */
import { canonicalQuantity, QuantityError } from '../quantity';
import {
  type EmptyCollection,
  illegalBase64,
  isDropped,
  isEmptyCollection,
  isObject,
  noteEmpty,
  type PlannedField,
  planOf,
  zeroItem,
  zeroOf,
} from './go-form';
import type { Schema } from './schema';
import { readMicroTime, readTime } from './time';

/** The answer for a value that has a flaw. */
export const FLAWED = Symbol('flawed');

/** `stored`: what stands in the same place of the stored object. What is the very same object has been read before. */
type Reader = (value: unknown, emptied: EmptyCollection[], stored?: unknown) => unknown;

const readers = new WeakMap<Schema, Reader>();

/**
 * The value as Go would write it out again, or {@link FLAWED}. Shares nothing with the input but values of any type, and what
 * it shares with `stored`: a canonical value of the same schema.
 */
export function readFlawless(schema: Schema, value: unknown, emptied: EmptyCollection[], stored?: unknown): unknown {
  return readerOf(schema)(value, emptied, stored);
}

function readerOf(schema: Schema): Reader {
  let reader = readers.get(schema);
  if (reader === undefined) {
    reader = makeReader(schema);
    readers.set(schema, reader);
  }
  return reader;
}

function makeReader(schema: Schema): Reader {
  switch (schema.type) {
    case 'struct':
      return schema.preserveUnknownFields ? () => FLAWED : structReader(schema);
    case 'map':
      return mapReader(schema);
    case 'list':
      return listReader(schema);
    case 'string':
      return stringReader(schema);
    case 'integer':
      return integerReader(schema.format === 'int32' ? 2 ** 31 : 2 ** 63);
    case 'number':
    case 'boolean': {
      const { type } = schema;
      return (value) => (typeof value === type ? value : FLAWED);
    }
    default:
      return (value) => value;
  }
}

/** A field as readers need it: its reader is made when a value first asks for it, because types refer to themselves. */
interface ReadField extends PlannedField {
  read: Reader | undefined;
}

/** What is to be done for values with exactly these keys: the few fields that are set, and those that are written anyway. */
interface Shape {
  readonly keys: readonly string[];
  readonly fields: readonly ReadField[];
}

/** Objects of one type come in few shapes; beyond these, all fields are looked at. */
const MAX_SHAPES = 8;

function structReader(schema: Schema): Reader {
  const all: readonly ReadField[] = planOf(schema).map((planned) => ({ ...planned, read: undefined }));
  const shapes: Shape[] = [];
  return (value, emptied, stored) => {
    if (!isObject(value)) return FLAWED;
    const keys = Object.keys(value);
    let shape = shapes.find((each) => sameKeys(each.keys, keys));
    if (shape === undefined) {
      // Whatever has a field that is not known here has one that nobody knows.
      if (countKnown(all, value) !== keys.length) return FLAWED;
      if (shapes.length < MAX_SHAPES) {
        shape = shapeOf(all, keys);
        shapes.push(shape);
      }
    }
    return readFields(shape?.fields ?? all, value, emptied, isObject(stored) ? stored : undefined);
  };
}

function countKnown(all: readonly ReadField[], value: Record<string, unknown>): number {
  let known = 0;
  for (const { name } of all) if (Object.hasOwn(value, name)) known++;
  return known;
}

function shapeOf(all: readonly ReadField[], keys: readonly string[]): Shape {
  const set = new Set(keys);
  return { keys, fields: all.filter(({ name, unset }) => unset !== undefined || set.has(name)) };
}

function readFields(
  fields: readonly ReadField[],
  value: Record<string, unknown>,
  emptied: EmptyCollection[],
  stored: Record<string, unknown> | undefined,
): unknown {
  const out: Record<string, unknown> = {};
  for (const planned of fields) {
    const { name, field, unset } = planned;
    const item = value[name];
    let read: unknown;
    if (item !== undefined && item !== null) {
      const before = stored?.[name];
      if (item === before && typeof item === 'object') {
        read = item;
      } else {
        planned.read ??= readerOf(field);
        read = planned.read(item, emptied, before);
      }
      if (read === FLAWED) return FLAWED;
    }
    if (read === undefined || isDropped(field, read)) {
      if (planned.isCollection && read !== undefined) noteEmpty(out, name, read);
      if (unset !== undefined) out[name] = unset();
    } else {
      out[name] = read;
      if (planned.isCollection && isEmptyCollection(read)) emptied.push({ owner: out, field: name });
    }
  }
  return out;
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function mapReader(schema: Schema): Reader {
  let read: Reader | undefined;
  return (value, emptied) => {
    if (!isObject(value)) return FLAWED;
    read ??= readerOf(schema.values!);
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(value).sort()) {
      // A plain assignment to "__proto__" would set the prototype instead of a key.
      if (key === '__proto__') return FLAWED;
      const item = value[key];
      const done = item === null || item === undefined ? zeroItem(schema.values!) : read(item, emptied);
      if (done === FLAWED) return FLAWED;
      out[key] = done;
    }
    return out;
  };
}

function listReader(schema: Schema): Reader {
  let read: Reader | undefined;
  return (value, emptied, stored) => {
    if (!Array.isArray(value)) return FLAWED;
    read ??= readerOf(schema.items!);
    const before: readonly unknown[] = Array.isArray(stored) ? stored : [];
    const out = new Array(value.length);
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      let done: unknown;
      if (item === null || item === undefined) done = zeroOf(schema.items!);
      else done = item === before[i] && typeof item === 'object' ? item : read(item, emptied, before[i]);
      if (done === FLAWED) return FLAWED;
      out[i] = done;
    }
    return out;
  };
}

function stringReader(schema: Schema): Reader {
  switch (schema.format) {
    case 'int-or-string': {
      const readInteger = integerReader(2 ** 31);
      return (value, emptied) => (typeof value === 'string' ? value : readInteger(value, emptied));
    }
    case 'quantity':
      return readQuantity;
    case 'date-time': {
      const read = schema.typeName?.endsWith('MicroTime') ? readMicroTime : readTime;
      return (value) => {
        if (typeof value !== 'string') return FLAWED;
        const done = read(value);
        return done.error === undefined ? done.time : FLAWED;
      };
    }
    case 'byte':
      return (value) => (typeof value === 'string' && illegalBase64(value) === undefined ? value : FLAWED);
    default:
      return (value) => (typeof value === 'string' ? value : FLAWED);
  }
}

function readQuantity(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return FLAWED;
  try {
    return canonicalQuantity(value);
  } catch (error) {
    if (error instanceof QuantityError) return FLAWED;
    throw error;
  }
}

function integerReader(limit: number): Reader {
  return (value) => {
    return typeof value === 'number' && Number.isInteger(value) && value < limit && value >= -limit ? value : FLAWED;
  };
}
