/**
 * Reads plain JSON the way the API server reads it into its Go structs, and gives back the form in which it would write
 * that struct out again: unknown fields gone, nulls gone, the schema's defaults filled in, zero values dropped or written
 * as the struct's tags say, times and quantities in their one canonical spelling. The result shares nothing with the input.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#setting-the-field-validation-level
 *
 * Why this matters: "unset" and "zero" differ for some fields (`replicas: 0`) and not for others (`paused: false`). Every
 * later step (defaults, validation, managedFields, "did anything change?") works on this one form.
 *
 * Left out: numbers beyond 2^53, which JSON.parse has already rounded.
 */
import { canonicalQuantity, QuantityError } from '../quantity';
import type { GoField, Schema } from './schema';
import { readMicroTime, readTime } from './time';

/** The message of encoding/json: `json: cannot unmarshal string into Go struct field PodSpec.spec.paused of type bool`. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

export interface Decoded {
  readonly value: any;
  /** `spec.containers[0].imagee`, in the order of the document. */
  readonly unknownFields: readonly string[];
  /** Lists and maps that are empty now and none (null) after the trip through storage; see {@link settle}. */
  readonly emptied?: readonly EmptyCollection[];
}

export interface EmptyCollection {
  readonly owner: Record<string, unknown>;
  readonly field: string;
}

/** Makes of empty lists and maps what storage makes of them, unless somebody has filled them meanwhile. */
export function settle(emptied: readonly EmptyCollection[]): void {
  for (const { owner, field } of emptied) if (isEmptyCollection(owner[field])) owner[field] = null;
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

/** @throws DecodeError when a value has the wrong type. All unknown fields are reported, only the first wrong type is. */
export function decode(schema: Schema, value: unknown): Decoded {
  const reader = new Reader();
  const out = reader.read(schema, value, undefined);
  if (reader.error !== undefined) throw new DecodeError(reader.error);
  return { value: out, unknownFields: reader.unknownFields, emptied: reader.emptied };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class Reader {
  readonly unknownFields: string[] = [];
  readonly emptied: EmptyCollection[] = [];
  /** As encoding/json: the first error counts, but reading goes on. */
  error: string | undefined;
  /** Go's idea of where we are: field names only, with the names of embedded structs. */
  private readonly goPath: string[] = [];
  /** Where we are for people: `spec`, `containers[0]`. */
  private readonly path: string[] = [];
  /** The struct that is being read; its name is only made for a message. */
  private struct: Schema | undefined;

  read(schema: Schema, value: unknown, goType: string | undefined): any {
    switch (schema.type) {
      case 'struct':
        return this.readStruct(schema, value, goType);
      case 'map':
        return this.readMap(schema, value, goType);
      case 'list':
        return this.readList(schema, value, goType);
      case 'string':
        return this.readString(schema, value, goType);
      case 'integer':
        return this.readInteger(schema, value, goType);
      case 'number':
        return typeof value === 'number' ? value : this.wrongType(value, goType ?? 'float64', 0);
      case 'boolean':
        return typeof value === 'boolean' ? value : this.wrongType(value, goType ?? 'bool', false);
      default:
        return value;
    }
  }

  private readStruct(schema: Schema, value: unknown, goType: string | undefined): any {
    if (!isObject(value)) return this.wrongType(value, goType ?? `v1.${shortName(schema)}`, writeStruct(schema, {}));
    const outerStruct = this.struct;
    const read: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const field = schema.fields!.get(name);
      if (field === undefined) {
        if (schema.preserveUnknownFields) read[name] = value[name];
        else this.unknownFields.push([...this.path, name].join('.'));
        continue;
      }
      const item = value[name];
      if (item === null || item === undefined) continue;
      this.struct = schema;
      this.enter(name, field.go);
      read[name] = this.read(field, item, field.go?.type);
      this.leave(field.go);
    }
    this.struct = outerStruct;
    return writeStruct(schema, read, this.emptied);
  }

  private readMap(schema: Schema, value: unknown, goType: string | undefined): any {
    if (!isObject(value)) return this.wrongType(value, goType ?? 'map[string]interface {}', {});
    const itemType = goType?.startsWith('map[') ? goType.slice(goType.indexOf(']') + 1) : undefined;
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(value).sort()) {
      const item = value[key];
      this.path.push(key);
      const read =
        item === null || item === undefined ? zeroOf(schema.values!) : this.read(schema.values!, item, itemType);
      this.path.pop();
      // A plain assignment to "__proto__" would set the prototype instead of a key.
      if (key === '__proto__') {
        Object.defineProperty(out, key, { value: read, enumerable: true, configurable: true, writable: true });
      } else out[key] = read;
    }
    return out;
  }

  private readList(schema: Schema, value: unknown, goType: string | undefined): any {
    if (!Array.isArray(value)) return this.wrongType(value, goType ?? '[]interface {}', []);
    const itemType = goType?.startsWith('[]') ? goType.slice(2) : undefined;
    const own = this.path.length - 1;
    const name = own >= 0 ? this.path[own]! : '';
    const out = new Array(value.length);
    for (let i = 0; i < value.length; i++) {
      if (own >= 0) this.path[own] = `${name}[${i}]`;
      const item = value[i];
      out[i] = item === null || item === undefined ? zeroOf(schema.items!) : this.read(schema.items!, item, itemType);
    }
    if (own >= 0) this.path[own] = name;
    return out;
  }

  private readString(schema: Schema, value: unknown, goType: string | undefined): any {
    switch (schema.format) {
      case 'int-or-string':
        if (typeof value === 'string') return value;
        return this.readInteger({ type: 'integer', format: 'int32' }, value, 'int32');
      case 'quantity':
        return this.readQuantity(value);
      case 'date-time':
        return this.readTime(schema, value);
      case 'byte':
        return this.readBytes(value);
    }
    return typeof value === 'string' ? value : this.wrongType(value, goType ?? 'string', '');
  }

  private readQuantity(value: unknown): string {
    if (typeof value !== 'string' && typeof value !== 'number') return this.wrongType(value, 'string', '0');
    try {
      return canonicalQuantity(value);
    } catch (error) {
      if (error instanceof QuantityError) return this.fail(error.message, '0');
      throw error;
    }
  }

  private readTime(schema: Schema, value: unknown): unknown {
    if (typeof value !== 'string') return this.wrongType(value, 'string', null);
    const read = schema.typeName?.endsWith('MicroTime') ? readMicroTime(value) : readTime(value);
    return read.error === undefined ? read.time : this.fail(read.error, null);
  }

  private readBytes(value: unknown): string {
    if (Array.isArray(value)) return value.length === 0 ? '' : this.wrongType(value[0], 'uint8', '');
    if (typeof value !== 'string') return this.wrongType(value, '[]uint8', '');
    const bad = illegalBase64(value);
    return bad === undefined ? value : this.fail(`illegal base64 data at input byte ${bad}`, '');
  }

  private readInteger(schema: Schema, value: unknown, goType: string | undefined): unknown {
    const type = goType ?? schema.format ?? 'int64';
    if (typeof value !== 'number') return this.wrongType(value, type, 0);
    const limit = schema.format === 'int32' ? 2 ** 31 : 2 ** 63;
    if (Number.isInteger(value) && value < limit && value >= -limit) return value;
    return this.fail(`${this.where(`number ${goNumber(value)}`)} of type ${type}`, 0);
  }

  private wrongType<T>(value: unknown, goType: string, instead: T): T {
    return this.fail(`${this.where(jsonKind(value))} of type ${goType}`, instead);
  }

  private where(kind: string): string {
    const place =
      this.goPath.length === 0
        ? 'Go value'
        : `Go struct field ${this.struct ? shortName(this.struct) : ''}.${this.goPath.join('.')}`;
    return `json: cannot unmarshal ${kind} into ${place}`;
  }

  private fail<T>(message: string, instead: T): T {
    this.error ??= message;
    return instead;
  }

  private enter(name: string, go: GoField | undefined): void {
    if (go?.embedded) this.goPath.push(go.embedded);
    this.goPath.push(name);
    this.path.push(name);
  }

  private leave(go: GoField | undefined): void {
    if (go?.embedded) this.goPath.pop();
    this.goPath.pop();
    this.path.pop();
  }
}

/** What is known of one field of a struct before any value is seen. */
interface PlannedField {
  readonly name: string;
  readonly field: Schema;
  /** What is written when nobody set it; undefined when nothing is. */
  readonly unset: (() => unknown) | undefined;
  /** A list or map of Go: an empty one does not survive the trip through storage and comes back as none. */
  readonly isCollection: boolean;
}

const plans = new WeakMap<Schema, readonly PlannedField[]>();

function planOf(schema: Schema): readonly PlannedField[] {
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
function writeStruct(
  schema: Schema,
  read: Record<string, unknown>,
  emptied?: EmptyCollection[],
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const { name, field, unset, isCollection } of planOf(schema)) {
    const value = read[name];
    if (value === undefined || isDropped(field, value)) {
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

function isDropped({ go, type, format }: Schema, value: unknown): boolean {
  if (!go || go.pointer || go.omit === 'never') return false;
  if (type === 'struct') return go.omit === 'zero' && isEmptyObject(value as object);
  if (format !== undefined && STRUCT_FORMATS.has(format)) return go.omit === 'zero' && value === null;
  return isEmpty(value);
}

const isEmpty = (value: unknown): boolean => value === '' || value === 0 || value === false || isEmptyCollection(value);

function isEmptyCollection(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && isEmptyObject(value);
}

function isEmptyObject(value: object): boolean {
  for (const _ in value) return false;
  return true;
}

/** What Go writes for a value nobody set. */
function zeroOf(schema: Schema): unknown {
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

const shortName = (schema: Schema): string => schema.typeName?.slice(schema.typeName.lastIndexOf('.') + 1) ?? '';

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** JSON's spelling of a number as Go would have read it: 99999999999, 1.5. */
const goNumber = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value);

/** The first byte that standard base64 does not allow, as encoding/base64 counts it; undefined when all is well. */
function illegalBase64(text: string): number | undefined {
  const clean = text.replace(/[\r\n]/g, '');
  const match = /^[A-Za-z0-9+/]*/.exec(clean)![0].length;
  const padding = clean.length - match;
  if (clean.length % 4 === 0 && padding <= 2 && /^=*$/.test(clean.slice(match)) && (padding === 0 || match % 4 >= 2)) {
    return undefined;
  }
  if (match < clean.length && clean[match] !== '=') return match;
  return match < clean.length ? match : clean.length - (clean.length % 4);
}
