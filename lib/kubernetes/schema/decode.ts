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
import { canonicalQuantity, FORMAT_WRONG, QuantityError } from '../quantity';
import { FLAWED, readFlawless } from './flawless';
import { type EmptyCollection, illegalBase64, isObject, writeStruct, zeroItem, zeroOf } from './go-form';
import type { GoField, Schema } from './schema';
import { readMicroTime, readTime } from './time';

export { type EmptyCollection, settle, zeroValue } from './go-form';

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

const NONE: readonly string[] = [];

/**
 * @param stored a value that was decoded before: the result shares with it what is the very same object in `value`.
 * @throws DecodeError when a value has the wrong type. All unknown fields are reported, only the first wrong type is.
 */
export function decode(schema: Schema, value: unknown, stored?: unknown): Decoded {
  // Nearly everything that is ever read is right. Only what is not needs a reader that knows where it stands.
  const emptied: EmptyCollection[] = [];
  const flawless = readFlawless(schema, value, emptied, stored);
  return flawless === FLAWED ? decodeCarefully(schema, value) : { value: flawless, unknownFields: NONE, emptied };
}

/** The same for values of which nothing is known. */
export function decodeCarefully(schema: Schema, value: unknown): Decoded {
  const reader = new Reader();
  const out = reader.read(schema, value, undefined);
  if (reader.error !== undefined) throw new DecodeError(reader.error);
  return { value: out, unknownFields: reader.unknownFields, emptied: reader.emptied };
}

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
        item === null || item === undefined ? zeroItem(schema.values!) : this.read(schema.values!, item, itemType);
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
    // A quantity reads its JSON itself: what is neither text nor number is a text of the wrong form.
    if (typeof value !== 'string' && typeof value !== 'number') return this.fail(FORMAT_WRONG, '0');
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

const shortName = (schema: Schema): string => schema.typeName?.slice(schema.typeName.lastIndexOf('.') + 1) ?? '';

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** JSON's spelling of a number as Go would have read it: 99999999999, 1.5. */
const goNumber = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value);
