/**
 * Operators, conversions and the standard library of CEL.
 * https://github.com/google/cel-spec/blob/master/doc/langdef.md#standard-definitions
 *
 * Arithmetic does not mix types: `1 + 1.0` has no overload. Integers overflow with an error.
 */
import { goRegExp } from '../go-regexp';
import type { CelFunction } from './evaluate';
import { Uint } from './syntax';
import {
  CelError,
  celCompare,
  celEquals,
  Duration,
  formatDuration,
  formatTimestamp,
  isMapping,
  isNumber,
  keysOf,
  lookUp,
  noSuchOverload,
  Optional,
  parseDuration,
  parseTimestamp,
  Timestamp,
  TypeValue,
  typeName,
} from './values';

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);
const MAX_UINT = 2n ** 64n - 1n;

function int(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw new CelError('integer overflow');
  return value;
}

function uint(value: bigint): Uint {
  if (value > MAX_UINT || value < 0n) throw new CelError('unsigned integer overflow');
  return new Uint(value);
}

interface Arithmetic {
  readonly ints: (a: bigint, b: bigint) => bigint;
  readonly doubles?: (a: number, b: number) => number;
  readonly other?: (a: unknown, b: unknown) => unknown;
}

function arithmetic({ ints, doubles, other }: Arithmetic): CelFunction {
  return ([a, b], name) => {
    if (typeof a === 'bigint' && typeof b === 'bigint') return int(ints(a, b));
    if (a instanceof Uint && b instanceof Uint) return uint(ints(a.value, b.value));
    if (doubles && typeof a === 'number' && typeof b === 'number') return doubles(a, b);
    const result = other?.(a, b);
    if (result === undefined) throw noSuchOverload(name);
    return result;
  };
}

const divisible =
  (message: string, divide: (a: bigint, b: bigint) => bigint) =>
  (a: bigint, b: bigint): bigint => {
    if (b === 0n) throw new CelError(message);
    return divide(a, b);
  };

function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Uint8Array.from([...a, ...b]);
  if (a instanceof Duration && b instanceof Duration) return new Duration(a.nanoseconds + b.nanoseconds);
  if (a instanceof Timestamp && b instanceof Duration) return new Timestamp(a.nanoseconds + b.nanoseconds);
  if (a instanceof Duration && b instanceof Timestamp) return new Timestamp(a.nanoseconds + b.nanoseconds);
  return undefined;
}

function subtract(a: unknown, b: unknown): unknown {
  if (a instanceof Duration && b instanceof Duration) return new Duration(a.nanoseconds - b.nanoseconds);
  if (a instanceof Timestamp && b instanceof Timestamp) return new Duration(a.nanoseconds - b.nanoseconds);
  if (a instanceof Timestamp && b instanceof Duration) return new Timestamp(a.nanoseconds - b.nanoseconds);
  return undefined;
}

const ordering =
  (holds: (order: number) => boolean): CelFunction =>
  ([a, b], name) => {
    const order = celCompare(a, b);
    if (order !== undefined) return holds(order);
    if (isNumber(a) && isNumber(b)) return false; // NaN
    throw noSuchOverload(name);
  };

const operators: Readonly<Record<string, CelFunction>> = {
  '_==_': ([a, b]) => celEquals(a, b),
  '_!=_': ([a, b]) => !celEquals(a, b),
  '_<_': ordering((order) => order < 0),
  '_<=_': ordering((order) => order <= 0),
  '_>_': ordering((order) => order > 0),
  '_>=_': ordering((order) => order >= 0),
  '_+_': arithmetic({ ints: (a, b) => a + b, doubles: (a, b) => a + b, other: add }),
  '_-_': arithmetic({ ints: (a, b) => a - b, doubles: (a, b) => a - b, other: subtract }),
  '_*_': arithmetic({ ints: (a, b) => a * b, doubles: (a, b) => a * b }),
  '_/_': arithmetic({ ints: divisible('division by zero', (a, b) => a / b), doubles: (a, b) => a / b }),
  '_%_': arithmetic({ ints: divisible('modulus by zero', (a, b) => a % b) }),
  '!_': ([a], name) => {
    if (typeof a !== 'boolean') throw noSuchOverload(name);
    return !a;
  },
  '-_': ([a], name) => {
    if (typeof a === 'bigint') return int(-a);
    if (typeof a === 'number') return -a;
    if (a instanceof Duration) return new Duration(-a.nanoseconds);
    throw noSuchOverload(name);
  },
  '@in': ([item, container], name) => {
    if (Array.isArray(container)) return container.some((each) => celEquals(each, item));
    if (isMapping(container)) return lookUp(container, item) !== undefined;
    throw noSuchOverload(name);
  },
};

const cannotConvert = (value: unknown, type: string): CelError =>
  new CelError(`type conversion error from '${typeName(value)}' to '${type}'`);

function toInt(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint) return int(value.value);
  if (typeof value === 'number' && Number.isFinite(value)) return int(BigInt(Math.trunc(value)));
  if (value instanceof Timestamp) return value.nanoseconds / 1_000_000_000n;
  if (value instanceof Duration) return value.nanoseconds;
  if (typeof value === 'string' && /^[+-]?\d+$/.test(value)) return int(BigInt(value));
  throw cannotConvert(value, 'int');
}

function toUint(value: unknown): Uint {
  if (value instanceof Uint) return value;
  if (typeof value === 'bigint') return uint(value);
  if (typeof value === 'number' && Number.isFinite(value)) return uint(BigInt(Math.trunc(value)));
  if (typeof value === 'string' && /^\d+$/.test(value)) return uint(BigInt(value));
  throw cannotConvert(value, 'uint');
}

function toDouble(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint) return Number(value.value);
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
  throw cannotConvert(value, 'double');
}

/** Go writes whole doubles without a point and large ones with an exponent: 1, 1.5, 1e+21. */
export function doubleText(value: number): string {
  return String(value)
    .replace(/e([+-])(\d)$/, 'e$10$2')
    .replace('Infinity', 'Inf');
}

export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Uint) return String(value.value);
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, 'text'))
    return String((value as { text: unknown }).text);
  throw cannotConvert(value, 'string');
}

function toBool(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true;
    if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false;
  }
  throw cannotConvert(value, 'bool');
}

function size(value: unknown, name: string): bigint {
  if (typeof value === 'string') return BigInt([...value].length);
  if (Array.isArray(value) || value instanceof Uint8Array) return BigInt(value.length);
  if (isMapping(value)) return BigInt(keysOf(value).length);
  throw noSuchOverload(name);
}

const conversions: Readonly<Record<string, CelFunction>> = {
  int: ([a]) => toInt(a),
  uint: ([a]) => toUint(a),
  double: ([a]) => toDouble(a),
  string: ([a]) => toText(a),
  bool: ([a]) => toBool(a),
  bytes: ([a]) => (a instanceof Uint8Array ? a : new TextEncoder().encode(toText(a))),
  dyn: ([a]) => a,
  type: ([a]) => new TypeValue(typeName(a)),
  duration: ([a]) => (a instanceof Duration ? a : parseDuration(text(a, 'duration'))),
  timestamp: ([a]) => {
    if (a instanceof Timestamp) return a;
    return typeof a === 'bigint' ? new Timestamp(a * 1_000_000_000n) : parseTimestamp(text(a, 'timestamp'));
  },
  size: ([a], name) => size(a, name),
};

export function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw noSuchOverload(name);
  return value;
}

const stringTest =
  (test: (a: string, b: string) => boolean): CelFunction =>
  ([a, b], name) =>
    test(text(a, name), text(b, name));

/** @throws CelError */
export function regex(pattern: string, flags = ''): RegExp {
  try {
    return goRegExp(pattern, flags);
  } catch (error) {
    throw new CelError(`error parsing regexp: ${(error as Error).message}`);
  }
}

const strings: Readonly<Record<string, CelFunction>> = {
  contains: stringTest((a, b) => a.includes(b)),
  startsWith: stringTest((a, b) => a.startsWith(b)),
  endsWith: stringTest((a, b) => a.endsWith(b)),
  matches: stringTest((a, b) => regex(b).test(a)),
};

const SECONDS_PER: Readonly<Record<string, bigint>> = { getHours: 3600n, getMinutes: 60n, getSeconds: 1n };

function dateParts(value: Timestamp, zone: unknown): Date {
  const ms = Number(value.nanoseconds / 1_000_000n);
  return new Date(ms + offsetOf(zone, ms));
}

/** Milliseconds to add to UTC. `+02:00`, or a name such as `Europe/Berlin`. */
function offsetOf(zone: unknown, ms: number): number {
  if (zone === undefined || zone === 'UTC') return 0;
  const match = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(String(zone));
  if (match) return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000;
  try {
    const name = new Intl.DateTimeFormat('en-US', { timeZone: String(zone), timeZoneName: 'longOffset' });
    const offset = name.formatToParts(new Date(ms)).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    return offsetOf(offset.replace('GMT', '') || 'UTC', ms);
  } catch {
    throw new CelError(`unknown time zone ${zone}`);
  }
}

const timePart =
  (part: (date: Date) => number): CelFunction =>
  ([value, zone], name) => {
    if (value instanceof Timestamp) return BigInt(part(dateParts(value, zone)));
    const unit = SECONDS_PER[name];
    if (value instanceof Duration && unit) return value.nanoseconds / 1_000_000_000n / unit;
    if (value instanceof Duration && name === 'getMilliseconds') return (value.nanoseconds / 1_000_000n) % 1000n;
    throw noSuchOverload(name);
  };

const DAY_MS = 86_400_000;

const times: Readonly<Record<string, CelFunction>> = {
  getFullYear: timePart((date) => date.getUTCFullYear()),
  getMonth: timePart((date) => date.getUTCMonth()),
  getDate: timePart((date) => date.getUTCDate()),
  getDayOfMonth: timePart((date) => date.getUTCDate() - 1),
  getDayOfWeek: timePart((date) => date.getUTCDay()),
  getDayOfYear: timePart((date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS)),
  getHours: timePart((date) => date.getUTCHours()),
  getMinutes: timePart((date) => date.getUTCMinutes()),
  getSeconds: timePart((date) => date.getUTCSeconds()),
  getMilliseconds: timePart((date) => date.getUTCMilliseconds()),
};

function optional(value: unknown, name: string): Optional {
  if (!(value instanceof Optional)) throw noSuchOverload(name);
  return value;
}

function isZero(value: unknown): boolean {
  if (value === null || value === false || value === '') return true;
  if (isNumber(value)) return celEquals(value, 0n);
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  return isMapping(value) && keysOf(value).length === 0;
}

const optionals: Readonly<Record<string, CelFunction>> = {
  'optional.of': ([a]) => Optional.of(a),
  'optional.ofNonZeroValue': ([a]) => (isZero(a) ? Optional.none : Optional.of(a)),
  'optional.none': () => Optional.none,
  hasValue: ([a], name) => optional(a, name).present,
  value: ([a], name) => {
    const { present, value } = optional(a, name);
    if (!present) throw new CelError('optional.none() dereference');
    return value;
  },
  or: ([a, b], name) => (optional(a, name).present ? a : optional(b, name)),
  orValue: ([a, b], name) => {
    const { present, value } = optional(a, name);
    return present ? value : b;
  },
};

export const standardFunctions: Readonly<Record<string, CelFunction>> = {
  ...operators,
  ...conversions,
  ...strings,
  ...times,
  ...optionals,
};
