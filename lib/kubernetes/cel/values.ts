/**
 * The values of CEL, and how JSON becomes them.
 * https://github.com/google/cel-spec/blob/master/doc/langdef.md#values
 *
 *   int bigint · uint Uint · double number · string · bool · null · bytes Uint8Array · list array · map Map
 *   duration, timestamp, type, optional and what Kubernetes adds (quantity, url, ip, ...): classes
 *
 * Objects stay JSON until somebody asks for a field: an ObjectValue knows which type each field has, because JSON does not
 * tell 1 from 1.0.
 */
import { getOwn, isObject, type JsonObject } from '../merge/json';
import { Uint } from './syntax';

/** Thrown while an expression is evaluated. */
export class CelError extends Error {
  override readonly name = 'CelError';
}

export const noSuchOverload = (name: string): CelError => new CelError(`no such overload: ${name}`);

export class Duration {
  /** @param nanoseconds may be negative */
  constructor(readonly nanoseconds: bigint) {}
}

export class Timestamp {
  /** @param nanoseconds since the epoch */
  constructor(readonly nanoseconds: bigint) {}
}

export class TypeValue {
  constructor(readonly name: string) {}
}

export class Optional {
  private constructor(
    readonly present: boolean,
    readonly value: unknown,
  ) {}

  static readonly none = new Optional(false, undefined);

  static of(value: unknown): Optional {
    return new Optional(true, value);
  }
}

/** A value with methods that a library of Kubernetes adds; `typeName` is what `type()` shows. */
export interface ExtensionValue {
  readonly typeName: string;
  /** Defined where values of the type can be equal. */
  equals?(other: unknown): boolean;
}

export const isExtension = (value: unknown): value is ExtensionValue =>
  typeof value === 'object' && value !== null && 'typeName' in value;

/** How JSON of one place is to be read. Absent: as JSON looks (whole numbers are ints). */
export interface NativeType {
  readonly scalar?: 'int' | 'double' | 'bytes' | 'timestamp' | 'duration';
  /** `string`, `boolean`, ...: for checking only. */
  readonly jsonType?: string;
  readonly items?: NativeType;
  /** Of a map. */
  readonly values?: NativeType;
  /** Of an object with declared fields; others do not exist. Keys are the names as CEL writes them. */
  readonly fields?: ReadonlyMap<string, NativeField>;
}

export interface NativeField {
  /** The name in JSON: `a-b` is written `a__dash__b`. */
  readonly name: string;
  readonly type: NativeType;
}

export class ObjectValue {
  constructor(
    readonly source: JsonObject,
    readonly type: NativeType,
  ) {}

  has(key: string): boolean {
    const name = this.nameOf(key);
    return name !== undefined && getOwn(this.source, name) !== undefined;
  }

  /** Undefined when the key is not there. */
  get(key: string): unknown {
    const name = this.nameOf(key);
    const value = name === undefined ? undefined : getOwn(this.source, name);
    if (value === undefined) return undefined;
    return adapt(value, this.type.fields ? this.type.fields.get(key)!.type : (this.type.values ?? {}));
  }

  keys(): string[] {
    const { fields } = this.type;
    if (!fields) return Object.keys(this.source).filter((key) => this.source[key] !== undefined);
    return [...fields.keys()].filter((key) => this.has(key));
  }

  private nameOf(key: string): string | undefined {
    return this.type.fields ? this.type.fields.get(key)?.name : key;
  }
}

/** JSON as a CEL value. */
export function adapt(value: unknown, type: NativeType = {}): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => adapt(item, type.items));
  if (isObject(value)) return new ObjectValue(value, type);
  if (typeof value === 'number') {
    return type.scalar === 'double' || !Number.isInteger(value) ? value : BigInt(value);
  }
  if (typeof value === 'string') {
    if (type.scalar === 'timestamp') return parseTimestamp(value);
    if (type.scalar === 'duration') return parseDuration(value);
    if (type.scalar === 'bytes') return fromBase64(value);
  }
  return value;
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

// ---------------------------------------------------------------------------------------------------------------------
// types, equality, order

export function typeName(value: unknown): string {
  if (value === null) return 'null_type';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map || value instanceof ObjectValue) return 'map';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof TypeValue) return 'type';
  if (value instanceof Optional) return 'optional_type';
  if (isExtension(value)) return value.typeName;
  switch (typeof value) {
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'boolean':
      return 'bool';
    default:
      return 'string';
  }
}

export type NumberValue = bigint | number | Uint;

export const isNumber = (value: unknown): value is NumberValue =>
  typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;

const plain = (value: NumberValue): bigint | number => (value instanceof Uint ? value.value : value);

/** Across types: 1 < 1.5 < 2u. Undefined for NaN. */
function compareNumbers(a: NumberValue, b: NumberValue): number | undefined {
  const [left, right] = [plain(a), plain(b)];
  if (Number.isNaN(left) || Number.isNaN(right)) return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Numbers are equal across their types; everything else only to its own kind. */
export function celEquals(a: unknown, b: unknown): boolean {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b) === 0;
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => celEquals(item, b[i]));
  }
  if (isMapping(a)) return isMapping(b) && equalMappings(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0;
  if (a instanceof Duration) return b instanceof Duration && a.nanoseconds === b.nanoseconds;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanoseconds === b.nanoseconds;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Optional) {
    return b instanceof Optional && a.present === b.present && (!a.present || celEquals(a.value, b.value));
  }
  return isExtension(a) && a.equals?.(b) === true;
}

/** Negative, zero or positive; undefined when the two cannot be compared. */
export function celCompare(a: unknown, b: unknown): number | undefined {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  if ((a instanceof Duration && b instanceof Duration) || (a instanceof Timestamp && b instanceof Timestamp)) {
    return a.nanoseconds < b.nanoseconds ? -1 : a.nanoseconds > b.nanoseconds ? 1 : 0;
  }
  return undefined;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

// ---------------------------------------------------------------------------------------------------------------------
// maps: from JSON or made by an expression

export type Mapping = Map<unknown, unknown> | ObjectValue;

export const isMapping = (value: unknown): value is Mapping => value instanceof Map || value instanceof ObjectValue;

export function keysOf(map: Mapping): unknown[] {
  return map instanceof ObjectValue ? map.keys() : [...map.keys()];
}

/** Undefined when the key is not there. */
export function lookUp(map: Mapping, key: unknown): unknown {
  if (map instanceof ObjectValue) return typeof key === 'string' ? map.get(key) : undefined;
  if (map.has(key)) return map.get(key);
  if (isNumber(key)) for (const [each, value] of map) if (celEquals(each, key)) return value;
  return undefined;
}

function equalMappings(a: Mapping, b: Mapping): boolean {
  const keys = keysOf(a);
  if (keys.length !== keysOf(b).length) return false;
  return keys.every((key) => {
    const other = lookUp(b, key);
    return other !== undefined && celEquals(lookUp(a, key), other);
  });
}

// ---------------------------------------------------------------------------------------------------------------------
// time

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Go's form: `1h30m`, `-1.5s`. 1.5 s -> 1,500,000,000 ns. @throws CelError */
export function parseDuration(text: string): Duration {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.exec(text);
  if (text === '0') return new Duration(0n);
  if (!match) throw new CelError("type conversion error from 'string' to 'google.protobuf.Duration'");
  let total = 0n;
  for (const [, whole = '', fraction = '', unit] of text.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = UNITS[unit!]!;
    total += BigInt(whole || 0) * size;
    if (fraction) total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
  }
  return new Duration(match[1] === '-' ? -total : total);
}

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;

/** RFC 3339. @throws CelError */
export function parseTimestamp(text: string): Timestamp {
  const match = TIMESTAMP.exec(text) ?? (/^\d{4}-\d{2}-\d{2}$/.test(text) ? ['', text, '00:00:00', '', 'Z'] : null);
  const ms = match ? Date.parse(`${match[1]}T${match[2]}${match[4]!.toUpperCase()}`) : Number.NaN;
  if (!match || Number.isNaN(ms)) {
    throw new CelError("type conversion error from 'string' to 'google.protobuf.Timestamp'");
  }
  const fraction = BigInt((match[3] ?? '').padEnd(9, '0') || 0);
  return new Timestamp(BigInt(ms) * 1_000_000n + fraction);
}

/** `1970-01-01T00:00:01.5Z` */
export function formatTimestamp({ nanoseconds }: Timestamp): string {
  const second = 1_000_000_000n;
  const fraction = ((nanoseconds % second) + second) % second;
  const ms = Number((nanoseconds - fraction) / 1_000_000n);
  const digits = fraction === 0n ? '' : `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}`;
  return `${new Date(ms).toISOString().slice(0, 19)}${digits}Z`;
}

/** `90s`, `1.5s` */
export function formatDuration({ nanoseconds }: Duration): string {
  const negative = nanoseconds < 0n;
  const size = negative ? -nanoseconds : nanoseconds;
  const fraction = size % 1_000_000_000n;
  const digits = fraction === 0n ? '' : `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}`;
  return `${negative ? '-' : ''}${size / 1_000_000_000n}${digits}s`;
}
