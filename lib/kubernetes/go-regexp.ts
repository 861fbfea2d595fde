/**
 * Go's regular expressions (RE2) as JavaScript's: patterns in schemas and CEL are written for Go.
 * https://github.com/google/re2/wiki/Syntax
 *
 * What RE2 does not have (lookaround, backreferences) is refused; what JavaScript writes otherwise is rewritten: flags inside
 * the pattern, `(?P<name>`, `\z`, `\A`, `[[:alpha:]]`, `\Q...\E`, escaped punctuation. Left out: flags that end with their group apply to the
 * whole pattern, and `(?U)`.
 */

/** With the message of Go: ``missing closing ): `(` ``. */
export class GoRegExpError extends Error {
  override readonly name = 'GoRegExpError';
}

const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** What JavaScript lets a backslash stand before when it is strict. */
const ESCAPABLE = /[\^$\\.*+?()[\]{}|/]/;

const cache = new Map<string, RegExp>();

/** @throws GoRegExpError */
export function goRegExp(pattern: string, flags = ''): RegExp {
  const key = `${flags}/${pattern}`;
  let compiled = cache.get(key);
  if (!compiled) {
    compiled = compile(pattern, flags);
    if (cache.size > 5_000) cache.clear();
    cache.set(key, compiled);
  }
  compiled.lastIndex = 0;
  return compiled;
}

function compile(pattern: string, flags: string): RegExp {
  const { source, inner } = translate(pattern);
  try {
    return new RegExp(source, [...new Set(`u${flags}${inner}`)].join(''));
  } catch {
    throw new GoRegExpError(`${reason(pattern)}: \`${pattern}\``);
  }
}

function reason(pattern: string): string {
  const plain = pattern.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '');
  const [open, close] = [plain.split('(').length, plain.split(')').length];
  if (open > close) return 'missing closing )';
  if (open < close) return 'unexpected )';
  if (/\[[^\]]*$/.test(pattern.replace(/\\./g, ''))) return 'missing closing ]';
  if (/^[*+?]|[(|][*+?]/.test(plain)) return 'missing argument to repetition operator';
  return 'invalid regular expression';
}

const NEXT =
  /\\Q(?<literal>[\s\S]*?)(?:\\E|$)|\\(?<escaped>[\s\S])|\(\?P?<(?<name>[A-Za-z_]\w*)>|\(\?(?<flags>[imsU-]+)(?<end>[:)])|\(\?(?<look><?[=!])|\[:(?<posix>\^?\w+):\]|(?<other>[\s\S])/gy;

function translate(pattern: string): { source: string; inner: string } {
  let inner = '';
  let inClass = false;
  let source = '';
  for (const { 0: text, groups } of pattern.matchAll(NEXT)) {
    const { literal, escaped, name, flags, end, look, posix } = groups!;
    if (literal !== undefined) source += literal.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&');
    else if (escaped !== undefined) source += escapedChar(escaped, inClass);
    else if (look !== undefined) throw new GoRegExpError(`invalid or unsupported Perl syntax: \`(?${look}\``);
    else if (name !== undefined && !inClass) source += `(?<${name}>`;
    else if (flags !== undefined && !inClass) {
      inner += flags.replace(/-.*|U/g, '');
      source += end === ':' ? '(?:' : '';
    } else if (posix !== undefined && inClass) source += CLASSES[posix] ?? text;
    else {
      source += strict(text, inClass, source);
      if (text === '[') inClass = true;
      else if (text === ']' && !source.endsWith('\\]')) inClass = false;
    }
  }
  return { source, inner };
}

/** Braces and brackets that mean themselves must be escaped for JavaScript. */
function strict(text: string, inClass: boolean, before: string): string {
  if (text === '[' && inClass) return '\\[';
  if (text === ']' && inClass && /(^|[^\\])\[\^?$/.test(before)) return '\\]'; // first in a class, it means itself
  if (text === '}' && !/\{\d*,?\d*$/.test(before) && !inClass && !/\\[pPux]\{[^}]*$/.test(before)) return '\\}';
  return text;
}

function escapedChar(char: string, inClass: boolean): string {
  if (char === 'z') return '$';
  if (char === 'A') return '^';
  if (char === 'C') return '[\\s\\S]';
  if (char === 'a') return '\\x07';
  if (/[\w]/.test(char) || ESCAPABLE.test(char) || (inClass && char === '-')) return char === '_' ? '_' : `\\${char}`;
  return char;
}
