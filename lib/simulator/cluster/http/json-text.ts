/**
 * JSON as the API server reads it: JSON.parse for the value, and a scan of the text for what JSON.parse does not tell: keys
 * that come twice, and errors in the words of Go's encoding/json.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#setting-the-field-validation-level
 */

export interface ParsedJson {
  readonly value: unknown;
  /** `metadata.name`, `spec.containers[0].image`: fields that were there twice. */
  readonly duplicates: readonly string[];
}

/** The message of encoding/json: `invalid character '}' looking for beginning of object key string`. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

const MAX_DEPTH = 10_000;

/** @throws JsonSyntaxError */
export function parseJson(text: string): ParsedJson {
  const duplicates = scan(text);
  return { value: JSON.parse(text), duplicates };
}

interface Frame {
  readonly isObject: boolean;
  readonly keys: Set<string> | undefined;
  /** The path of this value, made when a duplicate is found. */
  readonly parent: Frame | undefined;
  step: string | number;
}

/** What may come next. */
type Expected = 'value' | 'firstKey' | 'key' | 'colon' | 'commaOrEnd' | 'firstItem' | 'end';

const END = 'unexpected end of JSON input';

/** Walks the text once. @throws JsonSyntaxError */
function scan(text: string): string[] {
  const duplicates: string[] = [];
  let frame: Frame | undefined;
  let expected: Expected = 'value';
  let depth = 0;
  let i = 0;
  const afterValue = (): Expected => (frame ? 'commaOrEnd' : 'end');
  const close = () => {
    frame = frame!.parent;
    depth--;
    expected = afterValue();
  };
  for (;;) {
    i = skipSpace(text, i);
    if (i >= text.length) {
      if (expected === 'end') return duplicates;
      throw new JsonSyntaxError(END);
    }
    const c = text[i]!;
    switch (expected) {
      case 'end':
        throw unexpected(c, 'after top-level value');
      case 'colon':
        if (c !== ':') throw unexpected(c, 'after object key');
        i++;
        expected = 'value';
        continue;
      case 'commaOrEnd': {
        const isObject: boolean = frame!.isObject;
        if (c === (isObject ? '}' : ']')) {
          i++;
          close();
        } else if (c === ',') {
          i++;
          if (isObject) expected = 'key';
          else {
            frame!.step = (frame!.step as number) + 1;
            expected = 'value';
          }
        } else throw unexpected(c, isObject ? 'after object key:value pair' : 'after array element');
        continue;
      }
      case 'firstKey':
      case 'key': {
        if (c === '}' && expected === 'firstKey') {
          i++;
          close();
          continue;
        }
        if (c !== '"') throw unexpected(c, 'looking for beginning of object key string');
        const end = skipString(text, i);
        const key: string = JSON.parse(text.slice(i, end));
        if (frame!.keys!.has(key)) duplicates.push(`duplicate field "${pathOf(frame!.parent, key)}"`);
        frame!.keys!.add(key);
        frame!.step = key;
        i = end;
        expected = 'colon';
        continue;
      }
      case 'firstItem':
        if (c === ']') {
          i++;
          close();
          continue;
        }
        break;
    }
    if (c === '{' || c === '[') {
      if (++depth > MAX_DEPTH) throw new JsonSyntaxError('exceeded max depth');
      const isObject = c === '{';
      frame = { isObject, keys: isObject ? new Set() : undefined, parent: frame, step: isObject ? '' : 0 };
      expected = isObject ? 'firstKey' : 'firstItem';
      i++;
      continue;
    }
    i = skipScalar(text, i);
    expected = afterValue();
  }
}

function pathOf(frame: Frame | undefined, key: string): string {
  let path = key;
  for (let each = frame; each; each = each.parent) {
    if (each.isObject) path = path.startsWith('[') ? `${each.step}${path}` : `${each.step}.${path}`;
    else path = path.startsWith('[') ? `[${each.step}]${path}` : `[${each.step}].${path}`;
  }
  return path;
}

function skipSpace(text: string, start: number): number {
  let i = start;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break;
    i++;
  }
  return i;
}

function skipScalar(text: string, start: number): number {
  const c = text[start]!;
  if (c === '"') return skipString(text, start);
  if (c === 't') return skipLiteral(text, start, 'true');
  if (c === 'f') return skipLiteral(text, start, 'false');
  if (c === 'n') return skipLiteral(text, start, 'null');
  if (c === '-' || (c >= '0' && c <= '9')) return skipNumber(text, start);
  throw unexpected(c, 'looking for beginning of value');
}

function skipString(text: string, start: number): number {
  let i = start + 1;
  for (;;) {
    const code = text.charCodeAt(i);
    if (Number.isNaN(code)) throw new JsonSyntaxError(END);
    if (code === 34) return i + 1;
    if (code < 32) throw unexpected(text[i]!, 'in string literal');
    if (code === 92) i = skipEscape(text, i + 1);
    else i++;
  }
}

function skipEscape(text: string, start: number): number {
  const c = text[start];
  if (c === undefined) throw new JsonSyntaxError(END);
  if (c !== 'u') {
    if ('"\\/bfnrt'.includes(c)) return start + 1;
    throw unexpected(c, 'in string escape code');
  }
  for (let i = start + 1; i < start + 5; i++) {
    const digit = text[i];
    if (digit === undefined) throw new JsonSyntaxError(END);
    if (!/[0-9a-fA-F]/.test(digit)) throw unexpected(digit, 'in \\u hexadecimal character escape');
  }
  return start + 5;
}

function skipLiteral(text: string, start: number, literal: string): number {
  for (let i = 1; i < literal.length; i++) {
    const c = text[start + i];
    if (c === undefined) throw new JsonSyntaxError(END);
    if (c !== literal[i]) throw unexpected(c, `in literal ${literal} (expecting '${literal[i]}')`);
  }
  return start + literal.length;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function skipNumber(text: string, start: number): number {
  NUMBER.lastIndex = start;
  const match = NUMBER.exec(text);
  const end = match ? start + match[0].length : start + 1;
  const next = text[end];
  if (match && next !== '.' && next !== 'e' && next !== 'E') return end;
  const bad = match ? text[end + 1] : next;
  if (bad === undefined) throw new JsonSyntaxError(END);
  if (match)
    throw unexpected(bad, next === '.' ? 'after decimal point in numeric literal' : 'in exponent of numeric literal');
  throw unexpected(bad, 'in numeric literal');
}

function unexpected(c: string, where: string): JsonSyntaxError {
  return new JsonSyntaxError(`invalid character ${quoteRune(c)} ${where}`);
}

/** A character as Go quotes it: `'x'`, `'\n'`, `'\''`. */
function quoteRune(c: string): string {
  if (c === "'") return `'\\''`;
  if (c === '"') return `'"'`;
  const code = c.charCodeAt(0);
  if (c === '\n') return `'\\n'`;
  if (c === '\r') return `'\\r'`;
  if (c === '\t') return `'\\t'`;
  if (c === '\\') return `'\\\\'`;
  return code < 32 || code === 127 ? `'\\x${code.toString(16).padStart(2, '0')}'` : `'${c}'`;
}
