/**
 * IP addresses and ranges, in the forms that Kubernetes takes.
 * https://kubernetes.io/docs/reference/kubernetes-api/
 *
 * Older fields are sloppy: they take leading zeros and forms of IPv6 that nobody should write. Newer ones are strict.
 */
import { type ErrorList, type Path, quote } from '../field-errors';

/** An address in numbers: 4 bytes, or 16 of which the first twelve of an IPv4 address are the mapping prefix. */
export type Address = readonly number[];

const MAX_DIGITS = 20;

/** Every address of every endpoint is checked on every write, so this one goes through the text once and makes nothing else. */
function parseIPv4(text: string): number[] | undefined {
  const bytes: number[] = [];
  let byte = 0;
  let digits = 0;
  for (let i = 0; i <= text.length; i++) {
    const digit = i < text.length ? text.charCodeAt(i) - 48 : -2;
    if (digit >= 0 && digit <= 9) {
      byte = byte * 10 + digit;
      if (byte > 255 || ++digits > MAX_DIGITS) return undefined;
    } else {
      // A dot, or the end.
      if (digit !== -2 || digits === 0) return undefined;
      bytes.push(byte);
      byte = 0;
      digits = 0;
    }
  }
  return bytes.length === 4 ? bytes : undefined;
}

function parseIPv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1)!;
  const tail: number[] = [];
  if (last.at(-1)?.includes('.')) {
    const v4 = parseIPv4(last.pop()!);
    if (!v4) return undefined;
    tail.push(...v4);
  }
  const bytes = groups.map((half) => {
    const out: number[] = [];
    for (const group of half) {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      out.push(value >> 8, value & 255);
    }
    return out;
  });
  if (bytes.some((half) => half === undefined)) return undefined;
  const head = bytes[0]!;
  const rest = [...(bytes[1] ?? []), ...tail];
  if (halves.length === 1) return head.length + tail.length === 16 ? [...head, ...tail] : undefined;
  const missing = 16 - head.length - rest.length;
  return missing < 2 ? undefined : [...head, ...new Array<number>(missing).fill(0), ...rest];
}

/** Sloppily: leading zeros are fine. IPv4-mapped IPv6 addresses come back as IPv4. */
export function tryParseAddress(text: string): Address | undefined {
  if (!text.includes(':')) return parseIPv4(text);
  const bytes = parseIPv6(text);
  if (!bytes) return undefined;
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? bytes.slice(12) : bytes;
}

export const isIPv6 = (text: string): boolean => tryParseAddress(text)?.length === 16;
export const isIPv4 = (text: string): boolean => tryParseAddress(text)?.length === 4;

/** `10.0.0.1`, `2001:db8::1`: the shortest form, RFC 5952. */
export function formatAddress(address: Address): string {
  if (address.length === 4) return address.join('.');
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((address[i]! << 8) | address[i + 1]!);
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (best.start < 0) return hex(groups);
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`;
}

export interface Range {
  readonly address: Address;
  readonly prefix: number;
}

export function tryParseRange(text: string): Range | undefined {
  const slash = text.indexOf('/');
  if (slash < 0 || !/^[0-9]{1,3}$/.test(text.slice(slash + 1))) return undefined;
  const address = tryParseAddress(text.slice(0, slash));
  const prefix = Number(text.slice(slash + 1));
  return address && prefix <= address.length * 8 ? { address, prefix } : undefined;
}

/** The first address of a range: the bits beyond the prefix are zero. */
export function networkOf({ address, prefix }: Range): Address {
  return address.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - i * 8))) & 0xff);
}

export function rangeContains(outer: Range, inner: Range): boolean {
  if (outer.address.length !== inner.address.length || outer.prefix > inner.prefix) return false;
  const network = networkOf(outer);
  return networkOf({ address: inner.address, prefix: outer.prefix }).every((byte, i) => byte === network[i]);
}

export const formatRange = (range: Range): string => `${formatAddress(networkOf(range))}/${range.prefix}`;

const ADDRESS_WRONG = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const RANGE_WRONG = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** An address in an older field. */
export function validateAddress(text: string, path: Path, errors: ErrorList): boolean {
  if (tryParseAddress(text)) return true;
  errors.invalid(path, text, ADDRESS_WRONG);
  return false;
}

/** A range in an older field. */
export function validateRange(text: string, path: Path, errors: ErrorList): boolean {
  if (tryParseRange(text)) return true;
  errors.invalid(path, text, RANGE_WRONG);
  return false;
}

const hasLeadingZeros = (text: string): boolean => !text.includes(':') && /(^|\.)0[0-9]/.test(text);
const isMapped = (text: string): boolean => text.includes(':') && tryParseAddress(text)?.length === 4;

/** An address in a newer field: in its one canonical form. */
export function validateStrictAddress(text: string, path: Path, errors: ErrorList): void {
  for (const message of strictAddressMessages(text)) errors.invalid(path, text, message);
}

/** What keeps a text from being an address in canonical form. */
export function strictAddressMessages(text: string): readonly string[] {
  const address = tryParseAddress(text);
  if (!address) return [ADDRESS_WRONG];
  const messages: string[] = [];
  if (hasLeadingZeros(text)) messages.push('must not have leading 0s');
  if (isMapped(text)) messages.push('must not be an IPv4-mapped IPv6 address');
  const canonical = formatAddress(address);
  if (messages.length === 0 && canonical !== text) messages.push(`must be in canonical form (${quote(canonical)})`);
  return messages;
}

/** A range in a newer field: nothing set beyond the prefix, canonical. */
export function validateStrictRange(text: string, path: Path, errors: ErrorList): void {
  const before = errors.length;
  if (!validateRange(text, path, errors)) return;
  const range = tryParseRange(text)!;
  const [address, prefix] = text.split('/') as [string, string];
  if (hasLeadingZeros(address) || /^0[0-9]/.test(prefix)) {
    errors.invalid(path, text, 'must not have leading 0s in IP or prefix length');
  } else if (isMapped(address)) errors.invalid(path, text, 'must not have an IPv4-mapped IPv6 address');
  else if (networkOf(range).some((byte, i) => byte !== range.address[i])) {
    errors.invalid(path, text, 'must not have bits set beyond the prefix length');
  }
  if (errors.length > before) return;
  const canonical = formatRange(range);
  if (canonical !== text) errors.invalid(path, text, `must be in canonical form (${quote(canonical)})`);
}

/** Addresses that mean something else than a machine elsewhere. */
export function validateOrdinaryAddress(text: string, path: Path, errors: ErrorList): void {
  const address = tryParseAddress(text);
  if (!address) {
    errors.invalid(path, text, 'must be a valid IP address');
    return;
  }
  const v4 = address.length === 4;
  const [a, b, c] = address as [number, number, number];
  const zeros = (end: number) => address.slice(0, end).every((byte) => byte === 0);
  if (zeros(address.length)) errors.invalid(path, text, `may not be unspecified (${text})`);
  if (v4 ? a === 127 : zeros(15) && address[15] === 1) {
    errors.invalid(path, text, 'may not be in the loopback range (127.0.0.0/8, ::1/128)');
  }
  if (v4 ? a === 169 && b === 254 : a === 0xfe && (b & 0xc0) === 0x80) {
    errors.invalid(path, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  }
  if (v4 ? a === 224 && b === 0 && c === 0 : a === 0xff && (b & 0x0f) === 2) {
    errors.invalid(path, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  }
}

/** One address of each family. */
export function isDualStack(texts: readonly string[]): boolean {
  return texts.some(isIPv4) && texts.some(isIPv6);
}

/** What is wrong with an address that older fields still take; undefined when nothing is. */
export function addressWarning(text: string): string | undefined {
  const address = tryParseAddress(text);
  if (!address) return undefined;
  const canonical = formatAddress(address);
  if (hasLeadingZeros(text) || isMapped(text)) {
    const rule = 'will be considered invalid in a future Kubernetes release: use';
    return `non-standard IP address ${quote(text)} ${rule} ${quote(canonical)}`;
  }
  if (address.length === 4 || canonical === text) return undefined;
  return `IPv6 address ${quote(text)} should be in RFC 5952 canonical format (${quote(canonical)})`;
}

/** The same of ranges. */
export function rangeWarnings(text: string): string[] {
  const range = tryParseRange(text);
  if (!range) return [];
  const [address, prefix] = text.split('/') as [string, string];
  const canonical = formatRange(range);
  const warnings: string[] = [];
  if (networkOf(range).some((byte, i) => byte !== range.address[i])) {
    const single = `${formatAddress(range.address)}/${range.address.length * 8}`;
    const question = `(should be ${quote(canonical)} or ${quote(single)}?)`;
    warnings.push(`CIDR value ${quote(text)} is ambiguous in this context ${question}`);
  }
  if (hasLeadingZeros(address) || isMapped(address) || /^0[0-9]/.test(prefix)) {
    const rule = 'will be considered invalid in a future Kubernetes release: use';
    warnings.push(`non-standard CIDR value ${quote(text)} ${rule} ${quote(canonical)}`);
  }
  if (warnings.length === 0 && range.address.length === 16 && canonical !== text) {
    warnings.push(`IPv6 CIDR value ${quote(text)} should be in RFC 5952 canonical format (${quote(canonical)})`);
  }
  return warnings;
}
