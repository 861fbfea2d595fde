/** PEM: DER in base64 between two lines that say what it is. https://www.rfc-editor.org/rfc/rfc7468 */

/** The first block of that type; undefined when there is none, or its base64 is broken. */
export function decodePem(text: string, type: string): Uint8Array | undefined {
  const block = new RegExp(`-----BEGIN ${type}-----\\s([A-Za-z0-9+/=\\s]+)-----END ${type}-----`).exec(text);
  try {
    return block ? Uint8Array.from(atob(block[1]!.replace(/\s/g, '')), (c) => c.charCodeAt(0)) : undefined;
  } catch {
    return undefined;
  }
}

export function encodePem(bytes: Uint8Array, type: string): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const lines = btoa(binary).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----\n`;
}
