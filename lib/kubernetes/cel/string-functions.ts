/**
 * The string extension of CEL and Kubernetes' `format`.
 * https://pkg.go.dev/github.com/google/cel-go/ext#Strings
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-format-library
 */

import { hasFormat } from '../custom-resources/formats';
import { dns1035Label, dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../validation/names';
import type { CelFunction } from './evaluate';
import { indexInList } from './list-functions';
import { text, toText } from './standard-functions';
import { CelError, isMapping, keysOf, lookUp, noSuchOverload, Optional } from './values';

const chars = (value: unknown, name: string): string[] => [...text(value, name)];

function position(value: unknown, length: number): number {
  const index = Number(value);
  if (typeof value !== 'bigint' || index < 0 || index > length) throw new CelError(`index out of range: ${value}`);
  return index;
}

const indexOf =
  (last: boolean): CelFunction =>
  ([value, part, from], name) => {
    if (Array.isArray(value)) return indexInList(value, part, last);
    const source = chars(value, name);
    const wanted = chars(part, name);
    const start = from === undefined ? (last ? source.length : 0) : position(from, source.length);
    const matches = (at: number) => wanted.every((char, i) => source[at + i] === char);
    if (last) {
      for (let at = Math.min(start, source.length - wanted.length); at >= 0; at--) if (matches(at)) return BigInt(at);
    } else {
      for (let at = start; at + wanted.length <= source.length; at++) if (matches(at)) return BigInt(at);
    }
    return -1n;
  };

/** ASCII only, as CEL says. */
const upper = (value: string): string => value.replace(/[a-z]/g, (char) => char.toUpperCase());
const lower = (value: string): string => value.replace(/[A-Z]/g, (char) => char.toLowerCase());

function replace(source: string, from: string, to: string, limit: number): string {
  let out = '';
  let rest = source;
  for (let i = 0; i !== limit; i++) {
    const at = rest.indexOf(from);
    if (at < 0 || (from === '' && rest === '')) break;
    out += rest.slice(0, at) + to + (from === '' ? rest.slice(0, 1) : '');
    rest = rest.slice(at + (from.length || 1));
  }
  return out + rest;
}

function split(source: string, separator: string, limit: number): string[] {
  if (limit === 0) return [];
  const parts = separator === '' ? [...source] : source.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

/** `%s %d %f %x ...` over a list of arguments. */
function format(pattern: string, args: readonly unknown[]): string {
  let next = 0;
  return pattern.replace(
    /%(?:%|(\.\d+)?([a-zA-Z]))/g,
    (whole, precision: string | undefined, verb: string | undefined) => {
      if (whole === '%%') return '%';
      if (next >= args.length) throw new CelError(`index ${next} out of range`);
      return formatted(verb!, args[next++], precision === undefined ? undefined : Number(precision.slice(1)));
    },
  );
}

function formatted(verb: string, value: unknown, precision: number | undefined): string {
  switch (verb) {
    case 's':
      return shown(value);
    case 'd':
      return toText(value);
    case 'f':
      return Number(toText(value)).toFixed(precision ?? 6);
    case 'e':
      return Number(toText(value))
        .toExponential(precision ?? 6)
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : BigInt(toText(value)).toString(2);
    case 'o':
      return BigInt(toText(value)).toString(8);
    case 'x':
    case 'X': {
      const hex =
        typeof value === 'string'
          ? [...new TextEncoder().encode(value)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
          : BigInt(toText(value)).toString(16);
      return verb === 'X' ? hex.toUpperCase() : hex;
    }
    default:
      throw new CelError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

function shown(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (isMapping(value)) {
    return `{${keysOf(value)
      .map((key) => `${shown(key)}: ${shown(lookUp(value, key))}`)
      .sort()
      .join(', ')}}`;
  }
  return toText(value);
}

export const stringFunctions: Readonly<Record<string, CelFunction>> = {
  charAt: ([value, at], name) => {
    const source = chars(value, name);
    return source[position(at, source.length)] ?? '';
  },
  indexOf: indexOf(false),
  lastIndexOf: indexOf(true),
  join: ([value, separator], name) => {
    if (!Array.isArray(value)) throw noSuchOverload(name);
    return value.map((item) => text(item, name)).join(separator === undefined ? '' : text(separator, name));
  },
  lowerAscii: ([value], name) => lower(text(value, name)),
  upperAscii: ([value], name) => upper(text(value, name)),
  replace: ([value, from, to, limit], name) =>
    replace(text(value, name), text(from, name), text(to, name), limit === undefined ? -1 : Number(limit)),
  split: ([value, separator, limit], name) =>
    split(text(value, name), text(separator, name), limit === undefined ? -1 : Number(limit)),
  substring: ([value, from, to], name) => {
    const source = chars(value, name);
    const start = position(from, source.length);
    const end = to === undefined ? source.length : position(to, source.length);
    if (start > end) throw new CelError(`invalid substring range. start: ${start}, end: ${end}`);
    return source.slice(start, end).join('');
  },
  trim: ([value], name) => text(value, name).trim(),
  reverse: ([value], name) => (Array.isArray(value) ? [...value].reverse() : chars(value, name).reverse().join('')),
  format: ([pattern, args], name) => {
    if (!Array.isArray(args)) throw noSuchOverload(name);
    return format(text(pattern, name), args);
  },
  'strings.quote': ([value], name) => JSON.stringify(text(value, name)),
};

// ---------------------------------------------------------------------------------------------------------------------
// named formats: format.dns1123Label().validate('x').hasValue()

class NamedFormat {
  readonly typeName = 'kubernetes.NamedFormat';
  constructor(readonly problems: (value: string) => readonly string[]) {}
}

const prefixed = (check: (value: string) => readonly string[]) => (value: string) =>
  check(value.endsWith('-') ? `${value.slice(0, -1)}a` : value);
const known = (format: string) => (value: string) => (hasFormat(format, value) ? [] : [`invalid ${format}`]);

const formats: Readonly<Record<string, (value: string) => readonly string[]>> = {
  dns1123Label: dnsLabel,
  dns1123Subdomain: dnsSubdomain,
  dns1035Label,
  qualifiedName,
  dns1123LabelPrefix: prefixed(dnsLabel),
  dns1123SubdomainPrefix: prefixed(dnsSubdomain),
  dns1035LabelPrefix: prefixed(dns1035Label),
  labelValue,
  uri: known('uri'),
  uuid: known('uuid'),
  byte: known('byte'),
  date: known('date'),
  datetime: known('date-time'),
};

export const formatFunctions: Readonly<Record<string, CelFunction>> = {
  ...Object.fromEntries(
    Object.entries(formats).map(([name, problems]) => [`format.${name}`, () => new NamedFormat(problems)]),
  ),
  'format.named': ([name]) => {
    const problems = formats[text(name, 'format.named')];
    return problems ? Optional.of(new NamedFormat(problems)) : Optional.none;
  },
  validate: ([format, value], name) => {
    if (!(format instanceof NamedFormat)) throw noSuchOverload(name);
    const problems = format.problems(text(value, name));
    return problems.length === 0 ? Optional.none : Optional.of([...problems]);
  },
};
