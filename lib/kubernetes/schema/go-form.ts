/**
 * The form in which Go writes a struct out again, field by field: in the order of the struct, with its defaults, zero values dropped or
 * written as the tags say (`omitempty`, `omitzero`, pointers).
 * https://pkg.go.dev/encoding/json#Marshal
 */
import type { Schema } from './schema';

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface EmptyCollection {
  readonly owner: Record<string, unknown>;
  readonly field: string;
}

/** Makes of empty lists and maps what storage makes of them, unless somebody has filled them meanwhile. */
export function settle(emptied: readonly EmptyCollection[]): void {
  for (const { owner, field } of emptied) {
    if (!isEmptyCollection(owner[field])) continue;
    noteEmpty(owner, field, owner[field]);
    owner[field] = null;
  }
}

const empties = new WeakMap<object, Record<string, unknown>>();

/** Remembers that a list or map was given, though empty: the JSON form leaves it out, the server's memory does not. */
export function noteEmpty(owner: object, field: string, value: unknown): void {
  const known = empties.get(owner);
  if (known) known[field] = value;
  else empties.set(owner, { [field]: value });
}

/** The empty list or map that a struct was given in a field that reads as unset. */
export const givenEmpty = (owner: object, field: string): unknown => empties.get(owner)?.[field];

/** For a copy of a struct that is to be taken for the struct itself. */
export function carryEmpties(from: object, to: object): void {
  const known = empties.get(from);
  if (known) empties.set(to, known);
}

/** What the server holds of a kind before anything is set: without the schema's defaults. */
export function zeroValue(schema: Schema): any {
  const out: Record<string, unknown> = {};
  for (const [name, field] of schema.fields ?? []) {
    if (isWrittenWhenUnset(field))
      out[name] = field.type === 'struct' && !field.go?.pointer ? zeroValue(field) : zeroOf(field);
  }
  return out;
}

/** What is known of one field of a struct before any value is seen. */
export interface PlannedField {
  readonly name: string;
  readonly field: Schema;
  /** What is written when nobody set it; undefined when nothing is. */
  readonly unset: (() => unknown) | undefined;
  /** A list or map of Go: an empty one does not survive the trip through storage and comes back as none. */
  readonly isCollection: boolean;
}

const plans = new WeakMap<Schema, readonly PlannedField[]>();

export function planOf(schema: Schema): readonly PlannedField[] {
  let plan = plans.get(schema);
  if (plan === undefined) {
    plan = Array.from(schema.fields!, ([name, field]) => ({
      name,
      field,
      unset: whenUnset(field),
      isCollection: (field.type === 'list' || field.type === 'map') && field.go !== undefined,
    }));
    plans.set(schema, plan);
  }
  return plan;
}

function whenUnset(field: Schema): (() => unknown) | undefined {
  const { default: value } = field;
  if (hasDefault(field)) return typeof value === 'object' ? () => structuredClone(value) : () => value;
  return isWrittenWhenUnset(field) ? () => zeroOf(field) : undefined;
}

/** Puts the fields in the server's order and settles for each whether an empty one is written. */
export function writeStruct(
  schema: Schema,
  read: Record<string, unknown>,
  emptied?: EmptyCollection[],
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const { name, field, unset, isCollection } of planOf(schema)) {
    const value = read[name];
    if (value === undefined || isDropped(field, value)) {
      if (isCollection && value !== undefined) noteEmpty(out, name, value);
      if (unset !== undefined) out[name] = unset();
    } else {
      out[name] = value;
      if (isCollection && isEmptyCollection(value)) emptied?.push({ owner: out, field: name });
    }
  }
  if (schema.preserveUnknownFields) {
    for (const name of Object.keys(read)) if (!schema.fields!.has(name)) out[name] = read[name];
  }
  return out;
}

/** A default that says more than "zero", which every Go field has anyway. */
function hasDefault({ default: value }: Schema): boolean {
  return value !== undefined && !isEmpty(value);
}

/** Go types that are structs with their own JSON form: omitempty does not apply to them. */
const STRUCT_FORMATS = new Set(['date-time', 'int-or-string', 'quantity']);

/** Whether Go writes a field nobody set: everything without omitempty, and structs that are no pointers. */
function isWrittenWhenUnset({ go, type, format }: Schema): boolean {
  if (!go) return false;
  if (go.omit === 'never') return true;
  return (
    go.omit === 'empty' && !go.pointer && (type === 'struct' || (format !== undefined && STRUCT_FORMATS.has(format)))
  );
}

export function isDropped({ go, type, format }: Schema, value: unknown): boolean {
  if (!go || go.pointer || go.omit === 'never') return false;
  if (type === 'struct') return go.omit === 'zero' && isEmptyObject(value as object);
  if (format !== undefined && STRUCT_FORMATS.has(format)) return go.omit === 'zero' && value === null;
  return isEmpty(value);
}

const isEmpty = (value: unknown): boolean => value === '' || value === 0 || value === false || isEmptyCollection(value);

export function isEmptyCollection(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && isEmptyObject(value);
}

function isEmptyObject(value: object): boolean {
  for (const _ in value) return false;
  return true;
}

/** What Go writes for a value nobody set. */
export function zeroOf(schema: Schema): unknown {
  if (schema.go?.pointer) return null;
  switch (schema.type) {
    case 'struct':
      return writeStruct(schema, {});
    case 'string':
      if (schema.format === 'date-time' || schema.format === 'byte') return null;
      if (schema.format === 'int-or-string') return 0;
      return schema.format === 'quantity' ? '0' : '';
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    default:
      return null;
  }
}

/** What null stands for as the value of a key: storage makes an empty text of bytes that are not there. */
export const zeroItem = (schema: Schema): unknown => (schema.format === 'byte' ? '' : zeroOf(schema));

/** The first byte that standard base64 does not allow, as encoding/base64 counts it; undefined when all is well. */
export function illegalBase64(text: string): number | undefined {
  const clean = text.replace(/[\r\n]/g, '');
  const match = /^[A-Za-z0-9+/]*/.exec(clean)![0].length;
  const padding = clean.length - match;
  if (clean.length % 4 === 0 && padding <= 2 && /^=*$/.test(clean.slice(match)) && (padding === 0 || match % 4 >= 2)) {
    return undefined;
  }
  if (match < clean.length && clean[match] !== '=') return match;
  return match < clean.length ? match : clean.length - (clean.length % 4);
}
