/**
 * Resource quantities: exact decimal numbers with a suffix, `100m`, `1.5Gi`, `2e3`.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 *
 * The smallest unit is one nano; what is smaller is rounded up, away from zero. A quantity keeps the family of its suffix
 * (decimal, binary or exponent) and is written back in canonical form: `1000m` -> `1`, `1024Mi` -> `1Gi`, `0.5` -> `500m`,
 * `1.5Gi` -> `1536Mi`. Texts that look canonical are kept as they are, which also lets a few through that are not: `1.500`.
 */

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Quantity {
  /** The exact value times 10^9. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
  /** The canonical text. */
  readonly text: string;
}

const NANO = 1_000_000_000n;
const MAX_BINARY = ((1n << 63n) - 1n) * NANO;
/** Beyond this the value no longer matters, only the text does: `1e1000000` must not fill the memory. */
const MAX_EXPONENT = 400;

export const FORMAT_WRONG =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NUMERIC_WRONG = 'unable to parse numeric part of quantity';
const SUFFIX_WRONG = "unable to parse quantity's suffix";

const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const decimalNames = new Map(Object.entries(decimalSuffixes).map(([name, exponent]) => [exponent, name]));
const binaryNames = ['', ...Object.keys(binarySuffixes)];

/** A text that is not a quantity; `message` says why in the API server's words. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

/** Parsed quantities by their text: a cluster uses few different ones, again and again. */
const parsed = new Map<string, Quantity>();
const MAX_PARSED = 10_000;

/** @throws QuantityError */
export function parseQuantity(value: string | number): Quantity {
  const text = String(value);
  let quantity = parsed.get(text);
  if (!quantity) {
    quantity = parse(text);
    if (parsed.size >= MAX_PARSED) parsed.clear();
    parsed.set(text, quantity);
  }
  return quantity;
}

/** `1000m` -> `1`. @throws QuantityError */
export function canonicalQuantity(value: string | number): string {
  return parseQuantity(value).text;
}

export function isQuantity(value: string | number): boolean {
  try {
    parseQuantity(value);
    return true;
  } catch {
    return false;
  }
}

interface Parts {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
  readonly suffix: string;
}

function split(text: string): Parts {
  const match = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(text);
  if (text === '' || !match) throw new QuantityError(FORMAT_WRONG);
  const [, sign, whole, fraction, suffix] = match;
  return { negative: sign === '-', whole: whole === '' ? '0' : whole!, fraction: fraction ?? '', suffix: suffix! };
}

function interpret(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } {
  const binary = Object.hasOwn(binarySuffixes, suffix) ? binarySuffixes[suffix] : undefined;
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' };
  const decimal = Object.hasOwn(decimalSuffixes, suffix) ? decimalSuffixes[suffix] : undefined;
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const exponent = /^[eE]([-+]?[0-9]+)$/.exec(suffix)?.[1];
  if (exponent === undefined) throw new QuantityError(SUFFIX_WRONG);
  return { base: 10, exponent: Number(exponent), format: 'DecimalExponent' };
}

function parse(text: string): Quantity {
  if (text === '0') return { nano: 0n, format: 'DecimalSI', text };
  const { negative, whole, fraction, suffix } = split(text);
  const { base, exponent, format } = interpret(suffix);
  const digits = whole + fraction;
  if (digits.length > 1_000) throw new QuantityError(NUMERIC_WRONG);
  const magnitude = toNano(digits, fraction.length, base, exponent);
  if (base === 2 && magnitude > MAX_BINARY) return finish(MAX_BINARY, negative, format);
  if (looksCanonical(whole, fraction, base, exponent)) {
    return { nano: negative ? -magnitude : magnitude, format, text };
  }
  return finish(magnitude, negative, base === 2 && magnitude < NANO && magnitude > 0n ? 'DecimalSI' : format);
}

/** `1.5`, `Gi` -> 15 * 2^30 * 10^9 / 10^1, rounded up. */
function toNano(digits: string, decimals: number, base: 2 | 10, exponent: number): bigint {
  const unscaled = BigInt(digits);
  if (unscaled === 0n) return 0n;
  const binary = base === 2 ? unscaled << BigInt(exponent) : unscaled;
  const scale = Math.min(MAX_EXPONENT, 9 - decimals + (base === 10 ? exponent : 0));
  if (scale >= 0) return binary * 10n ** BigInt(scale);
  if (-scale > digits.length + 30) return 1n;
  const divisor = 10n ** BigInt(-scale);
  return (binary + divisor - 1n) / divisor;
}

/** The server's own quick test, quirks included: `1.500` and `+1` pass. */
function looksCanonical(whole: string, fraction: string, base: 2 | 10, exponent: number): boolean {
  const digits = whole + fraction;
  if (base === 2) {
    const precision = 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1;
    return fraction === '' && precision >= 0 && (Number(whole) & 7) !== 0;
  }
  const scale = exponent - fraction.length;
  return digits.length <= 18 && scale >= -9 && scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
}

const finish = (magnitude: bigint, negative: boolean, format: QuantityFormat): Quantity =>
  quantityOf(negative ? -magnitude : magnitude, format);

/** A quantity of a value in nanos, in the canonical text of the format. */
export function quantityOf(nano: bigint, format: QuantityFormat): Quantity {
  return { nano, format, text: print(nano, format) };
}

function print(nano: bigint, format: QuantityFormat): string {
  if (nano === 0n) return '0';
  const sign = nano < 0n ? '-' : '';
  const magnitude = nano < 0n ? -nano : nano;
  if (format === 'BinarySI' && magnitude >= 1024n * NANO && magnitude % NANO === 0n) {
    let value = magnitude / NANO;
    let power = 0;
    while (value % 1024n === 0n && power < 6) {
      value /= 1024n;
      power++;
    }
    return `${sign}${value}${binaryNames[power]}`;
  }
  let value = magnitude;
  let exponent = -9;
  while (value % 1000n === 0n) {
    value /= 1000n;
    exponent += 3;
  }
  const suffix =
    format === 'DecimalExponent' ? (exponent === 0 ? '' : `e${exponent}`) : (decimalNames.get(exponent) ?? '');
  return `${sign}${value}${suffix}`;
}

export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  if (a.nano === b.nano) return 0;
  return a.nano < b.nano ? -1 : 1;
}

/** The sum, in the format of the first unless that is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return quantityOf(a.nano + b.nano, a.nano === 0n ? b.format : a.format);
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return quantityOf(a.nano - b.nano, a.nano === 0n ? b.format : a.format);
}

/** Thousandths, rounded up: `100m` -> 100, `1` -> 1000. */
export function milliValue(quantity: Quantity): number {
  return Number(ceilDivide(quantity.nano, 1_000_000n));
}

/** Whole units, rounded up: `1500m` -> 2, `1Ki` -> 1024. */
export function integerValue(quantity: Quantity): number {
  return Number(ceilDivide(quantity.nano, NANO));
}

/** Away from zero, as the server rounds. */
function ceilDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value > 0n ? quotient + 1n : quotient - 1n;
}
