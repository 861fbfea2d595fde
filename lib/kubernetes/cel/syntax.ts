/**
 * The Common Expression Language: text to tree.
 * https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
 */

export type Expr =
  | { readonly kind: 'literal'; readonly value: unknown; readonly at: number }
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | {
      readonly kind: 'select';
      readonly of: Expr;
      readonly field: string;
      readonly optional: boolean;
      readonly at: number;
    }
  | { readonly kind: 'index'; readonly of: Expr; readonly index: Expr; readonly optional: boolean; readonly at: number }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly target?: Expr;
      readonly args: readonly Expr[];
      readonly at: number;
    }
  | { readonly kind: 'list'; readonly items: readonly ListItem[]; readonly at: number }
  | { readonly kind: 'map'; readonly entries: readonly MapEntry[]; readonly at: number };

export interface ListItem {
  readonly value: Expr;
  readonly optional: boolean;
}

export interface MapEntry {
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}

/** An unsigned integer; plain integers are bigint, doubles number. */
export class Uint {
  constructor(readonly value: bigint) {}
}

/** Something wrong with the text of an expression, printed with the place where it is. */
export class CelCompileError extends Error {
  override readonly name = 'CelCompileError';

  /**
   * `ERROR: <input>:1:8: undefined field 'nope'`, the line, and a caret under the place.
   * @param at offset of the character the complaint is about
   */
  constructor(source: string, at: number, message: string) {
    const before = source.slice(0, at).split('\n');
    const line = before.length;
    const column = before.at(-1)!.length;
    const text = source.split('\n')[line - 1]!.replaceAll('\t', ' ');
    super(`ERROR: <input>:${line}:${column + 1}: ${message}\n | ${text}\n | ${'.'.repeat(column)}^`);
  }
}

interface Token {
  readonly type: 'name' | 'operator' | 'string' | 'bytes' | 'int' | 'uint' | 'double' | 'end';
  readonly text: string;
  readonly value?: unknown;
  readonly at: number;
}

const OPERATORS = [
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=',
  '.?',
  '[?',
  '<',
  '>',
  '+',
  '-',
  '*',
  '/',
  '%',
  '!',
  '?',
  ':',
  ',',
  '.',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
];
const NUMBER = /(?:0x[0-9a-fA-F]+u?|\d+\.\d+(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+u?)/y;
const NAME = /[A-Za-z_]\w*|`[^`]*`/y;
const BLANK = /(?:\s|\/\/[^\n]*)+/y;
const QUOTED = /([rRbB]{0,2})("""|'''|"|')/y;
const RESERVED = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const blank = match(BLANK, source, at);
    if (blank) {
      at += blank[0].length;
      continue;
    }
    const token = nextToken(source, at);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ type: 'end', text: '<EOF>', at: source.length });
  return tokens;
}

function nextToken(source: string, at: number): Token {
  const quoted = match(QUOTED, source, at);
  if (quoted) return stringToken(source, at, quoted);
  const number = match(NUMBER, source, at);
  if (number) return numberToken(number[0], at);
  const name = match(NAME, source, at);
  if (name) return { type: 'name', text: name[0], at };
  const operator = OPERATORS.find((each) => source.startsWith(each, at));
  if (operator) return { type: 'operator', text: operator, at };
  throw new CelCompileError(source, at, `Syntax error: token recognition error at: '${source[at]}'`);
}

function numberToken(text: string, at: number): Token {
  if (/[.eE]/.test(text) && !text.startsWith('0x')) return { type: 'double', text, value: Number(text), at };
  if (text.endsWith('u')) return { type: 'uint', text, value: new Uint(BigInt(text.slice(0, -1))), at };
  return { type: 'int', text, value: BigInt(text), at };
}

function stringToken(source: string, at: number, [head, prefix, quote]: RegExpExecArray): Token {
  const raw = /r/i.test(prefix!);
  let end = at + head!.length;
  while (!source.startsWith(quote!, end)) {
    if (end >= source.length || (quote!.length === 1 && source[end] === '\n')) {
      throw new CelCompileError(source, at, `Syntax error: token recognition error at: '${source.slice(at)}'`);
    }
    end += source[end] === '\\' && !raw ? 2 : 1;
  }
  const body = source.slice(at + head!.length, end);
  const isBytes = /b/i.test(prefix!);
  const value = raw ? body : unescapeText(body, source, at);
  const text = source.slice(at, end + quote!.length);
  return isBytes
    ? { type: 'bytes', text, value: new TextEncoder().encode(value), at }
    : { type: 'string', text, value, at };
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function unescapeText(body: string, source: string, at: number): string {
  return body.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))/gs,
    (whole, ...groups) => {
      const [hex, short, long, octal, simple] = groups as (string | undefined)[];
      const code = hex ?? short ?? long;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      if (ESCAPES[simple!] !== undefined) return ESCAPES[simple!]!;
      if (/[\\"'`?]/.test(simple!)) return simple!;
      throw new CelCompileError(source, at, `Syntax error: token recognition error at: '${whole}'`);
    },
  );
}

/** Loosest first. `?:` is looser than all of them. */
const BINARY: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

/** @throws CelCompileError */
export function parseCel(source: string): Expr {
  return new Parser(source).parse();
}

class Parser {
  private readonly tokens: readonly Token[];
  private position = 0;
  private depth = 0;

  constructor(private readonly source: string) {
    this.tokens = tokenize(source);
  }

  parse(): Expr {
    const expression = this.expression();
    if (this.peek().type !== 'end') this.unexpected();
    return expression;
  }

  private peek(): Token {
    return this.tokens[this.position]!;
  }

  private take(...texts: string[]): Token | undefined {
    const token = this.peek();
    if (token.type === 'string' || token.type === 'bytes' || !texts.includes(token.text)) return undefined;
    this.position++;
    return token;
  }

  private expect(text: string): Token {
    return this.take(text) ?? this.unexpected(`'${text}'`);
  }

  private unexpected(
    expecting = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
  ): never {
    const { at, text } = this.peek();
    const previous = this.tokens[this.position - 1];
    if (previous?.text === '.' || previous?.text === '.?') {
      throw new CelCompileError(this.source, at, `Syntax error: no viable alternative at input '${previous.text}'`);
    }
    throw new CelCompileError(this.source, at, `Syntax error: mismatched input '${text}' expecting ${expecting}`);
  }

  private expression(): Expr {
    if (++this.depth > 250) throw new CelCompileError(this.source, 0, 'expression recursion limit exceeded: 250');
    const condition = this.binary(0);
    const question = this.take('?');
    let result = condition;
    if (question) {
      const then = this.binary(0);
      this.expect(':');
      result = { kind: 'call', name: '_?_:_', args: [condition, then, this.expression()], at: question.at };
    }
    this.depth--;
    return result;
  }

  private binary(level: number): Expr {
    if (level === BINARY.length) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const operator = this.take(...BINARY[level]!);
      if (!operator) return left;
      const name = operator.text === 'in' ? '@in' : `_${operator.text}_`;
      left = { kind: 'call', name, args: [left, this.binary(level + 1)], at: operator.at };
    }
  }

  private unary(): Expr {
    const operator = this.take('!', '-');
    if (!operator) return this.member();
    const next = this.peek();
    if (operator.text === '-' && (next.type === 'int' || next.type === 'double')) {
      this.position++;
      const value = next.type === 'int' ? -(next.value as bigint) : -(next.value as number);
      return this.suffixes({ kind: 'literal', value, at: operator.at });
    }
    return { kind: 'call', name: operator.text === '!' ? '!_' : '-_', args: [this.unary()], at: operator.at };
  }

  private member(): Expr {
    return this.suffixes(this.primary());
  }

  private suffixes(start: Expr): Expr {
    let expression = start;
    for (;;) {
      const operator = this.take('.', '.?', '[', '[?');
      if (!operator) return expression;
      if (operator.text.startsWith('[')) {
        const index = this.expression();
        this.expect(']');
        expression = { kind: 'index', of: expression, index, optional: operator.text === '[?', at: operator.at };
      } else {
        expression = this.selection(expression, operator);
      }
    }
  }

  private selection(of: Expr, operator: Token): Expr {
    const name = this.peek();
    if (name.type !== 'name') this.unexpected();
    this.position++;
    const open = operator.text === '.' ? this.take('(') : undefined;
    if (open) return { kind: 'call', name: name.text, target: of, args: this.args(')'), at: open.at };
    const field = name.text.startsWith('`') ? name.text.slice(1, -1) : name.text;
    return { kind: 'select', of, field, optional: operator.text === '.?', at: operator.at };
  }

  private args(end: string): Expr[] {
    const out: Expr[] = [];
    while (!this.take(end)) {
      if (out.length > 0) this.expect(',');
      out.push(this.expression());
    }
    return out;
  }

  private primary(): Expr {
    const token = this.peek();
    this.position++;
    switch (token.type) {
      case 'string':
      case 'bytes':
      case 'int':
      case 'uint':
      case 'double':
        return { kind: 'literal', value: token.value, at: token.at };
      case 'name':
        return this.named(token);
      case 'operator':
        if (token.text === '(') return this.parenthesized();
        if (token.text === '[' || token.text === '[?') return this.list(token);
        if (token.text === '{') return this.map(token.at);
        if (token.text === '.') return this.primary();
        break;
      default:
    }
    this.position--;
    return this.unexpected();
  }

  private parenthesized(): Expr {
    const inner = this.expression();
    this.expect(')');
    return inner;
  }

  private named({ text, at }: Token): Expr {
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', at };
    if (text === 'null') return { kind: 'literal', value: null, at };
    if (RESERVED.has(text)) throw new CelCompileError(this.source, at, `Syntax error: reserved identifier: ${text}`);
    const open = this.take('(');
    if (open) return { kind: 'call', name: text, args: this.args(')'), at: open.at };
    return { kind: 'name', name: text, at };
  }

  /** `[?` opens a list whose first item is optional. */
  private list({ at, text }: Token): Expr {
    const items: ListItem[] = [];
    if (text === '[?') items.push({ value: this.expression(), optional: true });
    while (!this.take(']')) {
      if (items.length > 0) {
        this.expect(',');
        if (this.take(']')) break;
      }
      const optional = this.take('?') !== undefined;
      items.push({ value: this.expression(), optional });
    }
    return { kind: 'list', items, at };
  }

  private map(at: number): Expr {
    const entries: MapEntry[] = [];
    while (!this.take('}')) {
      if (entries.length > 0) {
        this.expect(',');
        if (this.take('}')) break;
      }
      const optional = this.take('?') !== undefined;
      const key = this.expression();
      this.expect(':');
      entries.push({ key, value: this.expression(), optional });
    }
    return { kind: 'map', entries, at };
  }
}
