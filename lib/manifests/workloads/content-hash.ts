/**
 * A short name for a content: ten letters and digits that mean no words, the same whatever order the keys stand in.
 */
import { createHash } from 'node:crypto';

/** Without vowels and without what looks alike, so that no hash says something: the alphabet of generated names. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

export function contentHash(content: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(content, sortKeys)).digest();
  return Array.from(digest.subarray(0, 10), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
