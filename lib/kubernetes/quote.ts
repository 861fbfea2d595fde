/** Text in double quotes as Go's `%q` writes it. https://pkg.go.dev/fmt */

const quoteEscapes: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** A string in double quotes with the escapes of Go's `%q`. */
export function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be escaped
  const escaped = text.replace(/["\\\x00-\x1f\x7f]|[^\P{C}\n]|[^\P{Z} ]/gu, (c) => quoteEscapes[c] ?? escapeRune(c));
  return `"${escaped}"`;
}

function escapeRune(c: string): string {
  const code = c.codePointAt(0)!;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
