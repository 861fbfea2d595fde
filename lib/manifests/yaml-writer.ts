/**
 * Objects as YAML that every reader takes back unchanged. https://yaml.org/spec/1.2.2/
 *
 * kubectl, Helm, Argo CD and Flux read a mixture of YAML 1.1 and 1.2: a plain `no`, `y`, `012`, `0o12`, `1_000`, `0b11` or `1e3` is
 * not a string to them, and a tab or a control character may be lost. So a string stands without quotes only when no reader has
 * another idea of it, and everything else is written as JSON writes it, which is YAML too. Text of several lines
 * (scripts, configuration files) becomes a literal block whenever that is safe, because people read it.
 *
 * Left out: anchors, tags, comments, folding. The layout is kubectl's: two spaces, lists not indented below their key.
 */

/** Starts like a word or an option and holds nothing that YAML gives a meaning to; a colon or a hash only inside of a word. */
const PLAIN =
  /^(?:[A-Za-z/]|_[A-Za-z_]|--?[A-Za-z])(?:[A-Za-z0-9_/.@+=*(),;$%&!?~^<>|-]|:(?=[A-Za-z0-9_/.@+-])| (?=[A-Za-z0-9_/.(]))*$/;

/** What some reader takes for a boolean or for nothing. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Characters that JSON may leave as they are and YAML readers do not: DEL, C1, line and paragraph separators, BOM. */
const UNSAFE = /[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/gu;

/** What a literal block cannot hold: other control characters, halves of characters, lines of spaces, an indented start. */
const NOT_LITERAL = /(?!\n)[\p{Cc}\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]|^[ \n]|(?:^|\n) +(?:\n|$)/u;

/** The objects as one stream of documents. */
export function writeYaml(objects: readonly unknown[]): string {
  return objects.map((object) => flat(writeDocument(object))).join('---\n');
}

/**
 * The same text in one piece. V8 keeps what was put together with `+` as a tree of its parts until somebody looks into it; the
 * trees of thousands of documents would outlive several garbage collections, and each would copy them.
 */
function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}

/** One value as a YAML document. */
export function writeDocument(value: unknown): string {
  if (isMap(value) && hasFields(value)) return mapText(value, '', '');
  if (Array.isArray(value) && value.length > 0) return listText(value, '');
  return `${scalar(value, '')}\n`;
}

type DataMap = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is DataMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

function hasFields(map: DataMap): boolean {
  for (const key in map) if (map[key] !== undefined) return true;
  return false;
}

/** @param first what stands before the first key: the indentation, or nothing after `- ` */
function mapText(map: DataMap, indent: string, first: string): string {
  let text = '';
  let before = first;
  for (const key in map) {
    const value = map[key];
    if (value === undefined) continue;
    text += `${before}${keyText(key)}:`;
    before = indent;
    if (typeof value === 'object' && value !== null) text += nested(value, indent);
    else text += ` ${scalar(value, indent)}\n`;
  }
  return text;
}

function nested(value: object, indent: string): string {
  if (Array.isArray(value)) return value.length > 0 ? `\n${listText(value, indent)}` : ' []\n';
  if (!isMap(value)) return ` ${scalar(value, indent)}\n`;
  const deeper = `${indent}  `;
  return hasFields(value) ? `\n${mapText(value, deeper, deeper)}` : ' {}\n';
}

function listText(list: readonly unknown[], indent: string): string {
  const deeper = `${indent}  `;
  let text = '';
  for (const item of list) {
    if (isMap(item) && hasFields(item)) text += `${indent}- ${mapText(item, deeper, '')}`;
    else if (Array.isArray(item) && item.length > 0) text += `${indent}-\n${listText(item, deeper)}`;
    else text += `${indent}- ${scalar(item, indent)}\n`;
  }
  return text;
}

const knownKeys = new Map<string, string>();

function keyText(key: string): string {
  let text = knownKeys.get(key);
  if (text === undefined) {
    text = plainOrQuoted(key);
    if (knownKeys.size < 10_000) knownKeys.set(key, text);
  }
  return text;
}

function scalar(value: unknown, indent: string): string {
  switch (typeof value) {
    case 'string':
      return value.includes('\n') && !NOT_LITERAL.test(value) ? literal(value, `${indent}  `) : plainOrQuoted(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be written as YAML`);
      return `${value}`;
    case 'bigint':
      return `${value}`;
    case 'undefined':
      return 'null';
    case 'object':
      if (value === null) return 'null';
      if (value instanceof Date) return quoted(value.toISOString());
      return Array.isArray(value) ? '[]' : '{}';
    default:
      throw new TypeError(`a ${typeof value} cannot be written as YAML`);
  }
}

function plainOrQuoted(text: string): string {
  return PLAIN.test(text) && !RESERVED.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(UNSAFE, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** `|` keeps one line feed at the end, `|-` none, `|+` all of them. */
function literal(text: string, indent: string): string {
  const chomping = !text.endsWith('\n') ? '-' : text.endsWith('\n\n') ? '+' : '';
  const lines = (chomping === '-' ? text : text.slice(0, -1)).split('\n');
  return `|${chomping}\n${lines.map((line) => (line === '' ? '' : indent + line)).join('\n')}`;
}
