/** Base 64 as Secrets hold it, to text. Bytes that are not UTF-8 are replaced. */
export function decodeBase64(encoded: string): string {
  return Buffer.from(encoded, 'base64').toString('utf8');
}
