/** Plain data as TypeScript, the way a person would write it: short things on one line, texts of several lines as templates. */

const WIDTH = 110;

/** @param indent what stands before the line on which the literal starts */
export function literal(value: unknown, indent = ''): string {
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const short = oneLine(value);
  if (short !== undefined && indent.length + short.length <= WIDTH) return short;
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => `${deeper}${literal(item, deeper)},\n`).join('')}${indent}]`;
  }
  const fields = Object.entries(value).map(
    ([key, item]) => `${deeper}${propertyName(key)}: ${literal(item, deeper)},\n`,
  );
  return `{\n${fields.join('')}${indent}}`;
}

export const propertyName = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__' ? name : text(name);

/** Undefined when something in it needs several lines. */
function oneLine(value: unknown): string | undefined {
  if (typeof value === 'string') return value.includes('\n') ? undefined : text(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const parts: string[] = [];
  let length = 0;
  for (const [key, item] of Object.entries(value)) {
    const part = oneLine(item);
    if (part === undefined) return undefined;
    parts.push(Array.isArray(value) ? part : `${propertyName(key)}: ${part}`);
    length += parts.at(-1)!.length + 2;
    if (length > WIDTH) return undefined;
  }
  if (Array.isArray(value)) return `[${parts.join(', ')}]`;
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

/** In single quotes; a text of several lines as a template. */
export function text(value: string): string {
  const inner = value.slice(0, -1);
  if (inner.includes('\n')) {
    return `\`${value
      .replaceAll(/[\\`]|\$(?=\{)/g, '\\$&')
      .replaceAll(CONTROL, (character) => (character === '\n' ? '\n' : escaped(character)))}\``;
  }
  if (value.includes("'") && !value.includes('"') && !value.includes('\\') && !CONTROL_ONE.test(value))
    return `"${value}"`;
  return `'${value.replaceAll(/[\\']/g, '\\$&').replaceAll(CONTROL, escaped)}'`;
}

/** What would not survive in a source file, or be seen by nobody there. */
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029\ufeff]/gu;
const CONTROL_ONE = /[\p{Cc}\p{Cs}\u2028\u2029\ufeff]/u;

function escaped(character: string): string {
  switch (character) {
    case '\n':
      return '\\n';
    case '\r':
      return '\\r';
    case '\t':
      return '\\t';
    default:
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  }
}
