/**
 * The canonical spelling of a quantity: `1000m` is `1`, `1024Ki` is `1Mi`, `0.5` is `500m`, `1e3` stays `1e3`.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 *
 * A quantity is a whole number of nanos (finer fractions are rounded up, away from zero) of at most 2^63-1 units, in one of
 * three forms: binary suffix, decimal suffix, decimal exponent. The form is kept, except that a binary quantity below 1024
 * or with a fraction is written in decimal: 0.5Gi = 536870912 = `512Mi`, but 0.1Ki = 102.4 = `102400m`.
 */

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
// biome-ignore format: a table
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const DECIMAL_SUFFIX = new Map(Object.entries(DECIMAL).map(([suffix, exponent]) => [exponent, suffix]));

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:(Ki|Mi|Gi|Ti|Pi|Ei)|([numkMGTPE])|[eE]([+-]?\d+))?$/;
const NANO = 1_000_000_000n;
const LARGEST = (2n ** 63n - 1n) * NANO;

/** The canonical spelling; undefined when the text is no quantity. */
export function canonicalQuantity(text: string): string | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', binary, decimal, exponent] = match;
  if (whole === '' && fraction === '') return undefined;
  const power = exponent !== undefined ? Number(exponent) : DECIMAL[decimal ?? '']!;
  if (Math.abs(power) > 1000) return undefined;
  let nanos = toNanos(BigInt(whole + fraction), power - fraction.length, binary);
  if (nanos > LARGEST) nanos = LARGEST;
  if (nanos === 0n) return '0';
  const minus = sign === '-' ? '-' : '';
  if (binary !== undefined && nanos % NANO === 0n && nanos >= 1024n * NANO) return minus + binaryText(nanos / NANO);
  return minus + decimalText(nanos, exponent !== undefined);
}

function toNanos(digits: bigint, power: number, binary: string | undefined): bigint {
  const factor = binary === undefined ? 1n : 1024n ** BigInt(BINARY.indexOf(binary));
  const shift = power + 9;
  const scaled = digits * factor;
  if (shift >= 0) return scaled * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (scaled + divisor - 1n) / divisor;
}

function binaryText(units: bigint): string {
  let step = 0;
  let rest = units;
  while (step < 6 && rest % 1024n === 0n) {
    rest /= 1024n;
    step++;
  }
  return `${rest}${BINARY[step]}`;
}

/** 1500000000 nanos = 15 * 10^-1, written with an exponent that is a multiple of three: 1500 * 10^-3 = `1500m`. */
function decimalText(nanos: bigint, asExponent: boolean): string {
  let mantissa = nanos;
  let exponent = -9;
  while (mantissa % 1000n === 0n && exponent < 18) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (!asExponent) return `${mantissa}${DECIMAL_SUFFIX.get(exponent)}`;
  return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
}
