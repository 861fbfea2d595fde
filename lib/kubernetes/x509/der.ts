/**
 * DER, the bytes of certificates: values as tag, length, content. A reader and a writer of what X.509 needs of it.
 * https://www.itu.int/rec/T-REC-X.690
 *
 *   30 03 02 01 05      SEQUENCE of 3 bytes: INTEGER of 1 byte: 5
 */

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[0]` and its like: the tag of a field that the context names. */
export const contextTag = (number: number, constructed = true): number => (constructed ? 0xa0 : 0x80) | number;

export class DerError extends Error {
  override readonly name = 'DerError';
}

export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly raw: Uint8Array;
}

/** The values in a row. @throws DerError */
export function readDer(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const value = readOne(bytes, at);
    values.push(value);
    at += value.raw.length;
  }
  return values;
}

function readOne(bytes: Uint8Array, start: number): DerValue {
  const tag = bytes[start]!;
  let at = start + 2;
  let length = bytes[start + 1];
  if (length === undefined) throw new DerError('asn1: syntax error: truncated tag or length');
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) throw new DerError('asn1: structure error: length too large');
    length = 0;
    for (const byte of bytes.subarray(at, at + count)) length = length * 256 + byte;
    at += count;
  }
  if (at + length > bytes.length) throw new DerError('asn1: syntax error: data truncated');
  return { tag, content: bytes.subarray(at, at + length), raw: bytes.subarray(start, at + length) };
}

/** The values inside of one that must have this tag. @throws DerError */
export function contentsOf(value: DerValue | undefined, tag: number): DerValue[] {
  if (value?.tag !== tag) throw new DerError("asn1: structure error: tags don't match");
  return readDer(value.content);
}

export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return concat(Uint8Array.of(tag, ...lengthOf(length)), ...parts);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const derText = (tag: number, text: string): Uint8Array => der(tag, new TextEncoder().encode(text));

export const textOf = ({ content }: DerValue): string => new TextDecoder().decode(content);

/** `2.5.4.3` */
export function derOid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return der(TAG.objectIdentifier, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}

export function oidOf({ content }: DerValue): string {
  const [first = 0, ...rest] = content;
  const numbers = [Math.min(2, Math.floor(first / 40)), first - 40 * Math.min(2, Math.floor(first / 40))];
  let current = 0;
  for (const byte of rest) {
    current = current * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(current);
      current = 0;
    }
  }
  return numbers.join('.');
}

/** Until 2049 a UTCTime, as X.509 wants it. @param time milliseconds since 1970 */
export function derTime(time: number): Uint8Array {
  const digits = new Date(time).toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  return new Date(time).getUTCFullYear() < 2050
    ? derText(TAG.utcTime, digits.slice(2))
    : derText(TAG.generalizedTime, digits);
}
