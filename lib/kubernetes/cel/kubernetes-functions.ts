/**
 * Quantities, URLs and versions (and, from their own file, addresses) as Kubernetes adds them to CEL.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library
 */
import {
  addQuantities,
  compareQuantities,
  isQuantity,
  parseQuantity,
  type Quantity,
  quantityOf,
  subtractQuantities,
} from '../quantity';
import { addressFunctions, succeeds } from './address-functions';
import type { CelFunction } from './evaluate';
import { text } from './standard-functions';
import { CelError, noSuchOverload } from './values';

const NANO = 1_000_000_000n;

// ---------------------------------------------------------------------------------------------------------------------
// quantities

class QuantityValue {
  readonly typeName = 'kubernetes.Quantity';
  constructor(readonly quantity: Quantity) {}

  equals(other: unknown): boolean {
    return other instanceof QuantityValue && compareQuantities(this.quantity, other.quantity) === 0;
  }
}

function toQuantity(value: unknown, name: string): QuantityValue {
  try {
    return new QuantityValue(parseQuantity(text(value, name)));
  } catch (error) {
    if (error instanceof CelError) throw error;
    throw new CelError((error as Error).message);
  }
}

function quantity(value: unknown, name: string): Quantity {
  if (value instanceof QuantityValue) return value.quantity;
  throw noSuchOverload(name);
}

/** A quantity, or a whole number in the format of the other operand. */
function operand(value: unknown, like: Quantity, name: string): Quantity {
  return typeof value === 'bigint' ? quantityOf(value * NANO, like.format) : quantity(value, name);
}

const isWhole = ({ nano }: Quantity): boolean => nano % NANO === 0n;

const quantityFunctions: Readonly<Record<string, CelFunction>> = {
  quantity: ([value], name) => toQuantity(value, name),
  isQuantity: ([value], name) => isQuantity(text(value, name)),
  add: ([a, b], name) => new QuantityValue(addQuantities(quantity(a, name), operand(b, quantity(a, name), name))),
  sub: ([a, b], name) => new QuantityValue(subtractQuantities(quantity(a, name), operand(b, quantity(a, name), name))),
  sign: ([a], name) => {
    const { nano } = quantity(a, name);
    return nano > 0n ? 1n : nano < 0n ? -1n : 0n;
  },
  isInteger: ([a], name) => isWhole(quantity(a, name)),
  asInteger: ([a], name) => {
    const value = quantity(a, name);
    if (!isWhole(value)) throw new CelError('cannot convert value to integer');
    return value.nano / NANO;
  },
  asApproximateFloat: ([a], name) => Number(quantity(a, name).nano) / 1e9,
};

// ---------------------------------------------------------------------------------------------------------------------
// versions

class Semver {
  readonly typeName = 'kubernetes.Semver';
  constructor(
    readonly parts: readonly [bigint, bigint, bigint],
    readonly prerelease: readonly string[],
  ) {}

  equals(other: unknown): boolean {
    return other instanceof Semver && compareVersions(this, other) === 0;
  }
}

const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

function parseSemver(source: string, normalize: boolean): Semver {
  const match = SEMVER.exec(normalize ? normalized(source) : source);
  if (!match) {
    if (source === '') throw new CelError('Version string empty');
    throw new CelError(
      source.split('.').length < 3
        ? 'No Major.Minor.Patch elements found'
        : `Invalid character(s) found in version "${source}"`,
    );
  }
  return new Semver([BigInt(match[1]!), BigInt(match[2]!), BigInt(match[3]!)], match[4]?.split('.') ?? []);
}

/** `v1.02` -> `1.2.0` */
function normalized(source: string): string {
  const [core = '', ...rest] = source
    .trim()
    .replace(/^v/, '')
    .split(/(?=[-+])/);
  const parts = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  return parts.join('.') + rest.join('');
}

function compareVersions(a: Semver, b: Semver): number {
  for (const i of [0, 1, 2] as const) if (a.parts[i] !== b.parts[i]) return a.parts[i] < b.parts[i] ? -1 : 1;
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length;
  for (let i = 0; i < Math.max(a.prerelease.length, b.prerelease.length); i++) {
    const order = comparePrerelease(a.prerelease[i], b.prerelease[i]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Shorter before longer, numbers before names. */
function comparePrerelease(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left && right) return Number(a) - Number(b);
  if (left !== right) return left ? -1 : 1;
  return a < b ? -1 : 1;
}

const semverPart =
  (index: 0 | 1 | 2): CelFunction =>
  ([value], name) => {
    if (!(value instanceof Semver)) throw noSuchOverload(name);
    return value.parts[index];
  };

const semverFunctions: Readonly<Record<string, CelFunction>> = {
  semver: ([value, normalize], name) => parseSemver(text(value, name), normalize === true),
  isSemver: ([value, normalize], name) => {
    try {
      return parseSemver(text(value, name), normalize === true) instanceof Semver;
    } catch {
      return false;
    }
  },
  major: semverPart(0),
  minor: semverPart(1),
  patch: semverPart(2),
};

// ---------------------------------------------------------------------------------------------------------------------
// URLs

class Url {
  readonly typeName = 'kubernetes.URL';
  readonly text: string;

  constructor(source: string) {
    this.text = source;
  }

  /** Scheme, authority, path, query; a path alone has neither of the first two. */
  get parts(): readonly [scheme: string, host: string, path: string, query: string] {
    const [, scheme = '', authority = '', path = '', query = ''] =
      /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?/.exec(this.text)!;
    return [scheme.toLowerCase(), authority.replace(/^.*@/, ''), path, query];
  }

  equals(other: unknown): boolean {
    return other instanceof Url && other.text === this.text;
  }
}

function parseUrl(source: string): Url {
  const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/\S*$/.test(source) || (source.startsWith('/') && !/\s/.test(source));
  if (!absolute) {
    throw new CelError(
      `URL parse error during conversion from string: parse ${JSON.stringify(source)}: invalid URI for request`,
    );
  }
  return new Url(source);
}

function url(value: unknown, name: string): Url {
  if (value instanceof Url) return value;
  throw noSuchOverload(name);
}

const urlFunctions: Readonly<Record<string, CelFunction>> = {
  url: ([value], name) => parseUrl(text(value, name)),
  isURL: ([value], name) => succeeds(() => parseUrl(text(value, name))),
  getScheme: ([value], name) => url(value, name).parts[0],
  getHost: ([value], name) => url(value, name).parts[1],
  getHostname: ([value], name) =>
    url(value, name)
      .parts[1].replace(/:\d*$/, '')
      .replace(/^\[(.*)\]$/, '$1'),
  getPort: ([value], name) => /:(\d*)$/.exec(url(value, name).parts[1])?.[1] ?? '',
  getEscapedPath: ([value], name) => url(value, name).parts[2],
  getQuery: ([value], name) => {
    const out = new Map<unknown, unknown>();
    for (const [key, each] of new URLSearchParams(url(value, name).parts[3])) {
      out.set(key, [...((out.get(key) as unknown[]) ?? []), each]);
    }
    return out;
  },
};

// ---------------------------------------------------------------------------------------------------------------------
// what quantities and versions share

function order(a: unknown, b: unknown, name: string): number {
  if (a instanceof QuantityValue && b instanceof QuantityValue) return compareQuantities(a.quantity, b.quantity);
  if (a instanceof Semver && b instanceof Semver) return compareVersions(a, b);
  throw noSuchOverload(name);
}

const comparisons: Readonly<Record<string, CelFunction>> = {
  isLessThan: ([a, b], name) => order(a, b, name) < 0,
  isGreaterThan: ([a, b], name) => order(a, b, name) > 0,
  compareTo: ([a, b], name) => BigInt(Math.sign(order(a, b, name))),
};

export const kubernetesFunctions: Readonly<Record<string, CelFunction>> = {
  ...quantityFunctions,
  ...semverFunctions,
  ...addressFunctions,
  ...urlFunctions,
  ...comparisons,
};
