/**
 * Turns a raw word of a script into arguments: quotes, variables, command and arithmetic substitution, file name patterns.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06
 *
 * Left out: `~`, and the string operators of `${}` besides those for defaults, lengths and cutting off a pattern.
 */
import { cutPattern, type Pattern, PatternBuilder } from './patterns';
import { endOfParentheses } from './tokens';

export interface ExpansionScope {
  variable(name: string): string | undefined;
  /** Runs a command and answers with what it wrote. */
  substitute(script: string): string;
  assign(name: string, value: string): void;
  /** The files that match, sorted. */
  glob(pattern: Pattern): readonly string[];
  /** `$1`, `$2`, ... */
  readonly args: readonly string[];
}

/** Thrown by `${name:?message}`. */
export class UnsetParameter extends Error {
  override readonly name = 'UnsetParameter';
}

/** @returns the arguments: none, one, or several when an unquoted variable holds several words or a pattern matches. */
export function expandWord(raw: string, scope: ExpansionScope): string[] {
  if (raw === '"$@"') return [...scope.args];
  return expand(raw, scope, true).flatMap((field) => {
    if (!field.hasWildcards) return [field.text];
    const found = scope.glob(field);
    return found.length > 0 ? found : [field.text];
  });
}

/** Without splitting and file names: the value of an assignment, the target of a redirection. */
export function expandText(raw: string, scope: ExpansionScope): string {
  return expandPattern(raw, scope).text;
}

/** A pattern of `case`, or of `${name#pattern}`. */
export function expandPattern(raw: string, scope: ExpansionScope): Pattern {
  return expand(raw, scope, false)[0] ?? new PatternBuilder();
}

/** A here-document: as in double quotes, but these mean nothing. */
export function expandDocument(text: string, scope: ExpansionScope): string {
  return doubleQuoted(text, 0, scope, undefined).text;
}

function expand(raw: string, scope: ExpansionScope, splits: boolean): PatternBuilder[] {
  const fields: PatternBuilder[] = [];
  let current: PatternBuilder | undefined;
  const field = () => {
    current ??= new PatternBuilder();
    return current;
  };
  const end = () => {
    if (current) fields.push(current);
    current = undefined;
  };
  const addUnquoted = (text: string) => {
    const parts = splits ? text.split(/[ \t\n]+/) : [text];
    parts.forEach((part, i) => {
      if (i > 0) end();
      if (part !== '') field().add(part, true);
    });
  };
  let i = 0;
  while (i < raw.length) {
    const char = raw[i]!;
    if (char === "'") {
      const close = raw.indexOf("'", i + 1);
      field().add(raw.slice(i + 1, close), false);
      i = close + 1;
    } else if (char === '"') {
      const quoted = doubleQuoted(raw, i + 1, scope, '"');
      field().add(quoted.text, false);
      i = quoted.end;
    } else if (char === '\\') {
      field().add(raw[i + 1] ?? '', false);
      i += 2;
    } else if (char === '$' || char === '`') {
      const expanded = dollar(raw, i, scope);
      addUnquoted(expanded.text);
      i = expanded.end;
    } else {
      field().add(char, true);
      i++;
    }
  }
  end();
  return fields;
}

/** @param quote what ends it; undefined: the end of the text */
function doubleQuoted(
  raw: string,
  start: number,
  scope: ExpansionScope,
  quote: '"' | undefined,
): { text: string; end: number } {
  const escapable = `\\$\`\n${quote ?? ''}`;
  let text = '';
  let i = start;
  while (i < raw.length && raw[i] !== quote) {
    if (raw[i] === '\\' && raw[i + 1] !== undefined && escapable.includes(raw[i + 1]!)) {
      if (raw[i + 1] !== '\n') text += raw[i + 1];
      i += 2;
    } else if (raw[i] === '$' || raw[i] === '`') {
      const expanded = dollar(raw, i, scope);
      text += expanded.text;
      i = expanded.end;
    } else {
      text += raw[i];
      i++;
    }
  }
  return { text, end: i + 1 };
}

function dollar(raw: string, at: number, scope: ExpansionScope): { text: string; end: number } {
  const rest = raw.slice(at);
  if (raw[at] === '`') {
    const end = raw.indexOf('`', at + 1);
    return { text: scope.substitute(raw.slice(at + 1, end)).replace(/\n+$/, ''), end: end + 1 };
  }
  if (rest.startsWith('$((')) {
    const end = endOfParentheses(raw, at + 1);
    return { text: String(arithmetic(raw.slice(at + 3, end - 2), scope)), end };
  }
  if (rest.startsWith('$(')) {
    const end = endOfParentheses(raw, at + 1);
    return { text: scope.substitute(raw.slice(at + 2, end - 1)).replace(/\n+$/, ''), end };
  }
  const braces = /^\$\{([^}]*)\}/.exec(rest);
  if (braces) return { text: parameter(braces[1]!, scope), end: at + braces[0].length };
  const name = /^\$([A-Za-z_][A-Za-z0-9_]*|[0-9?$@*#!])/.exec(rest);
  if (name) return { text: scope.variable(name[1]!) ?? '', end: at + name[0].length };
  return { text: '$', end: at + 1 };
}

function parameter(text: string, scope: ExpansionScope): string {
  if (/^#\w+$/.test(text)) return String((scope.variable(text.slice(1)) ?? '').length);
  const [, name, operator = '', word = ''] = /^(\w+|[?$@*!#])(:?[-+=?]|##?|%%?)?(.*)$/s.exec(text) ?? [];
  const value = name === undefined ? undefined : scope.variable(name);
  const isSet = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  switch (operator.at(-1)) {
    case '-':
      return isSet ? value! : expandText(word, scope);
    case '+':
      return isSet ? expandText(word, scope) : '';
    case '=': {
      if (isSet) return value!;
      const assigned = expandText(word, scope);
      scope.assign(name!, assigned);
      return assigned;
    }
    case '?':
      if (isSet) return value!;
      throw new UnsetParameter(`${name}: ${expandText(word, scope) || 'parameter not set'}`);
    case '#':
    case '%':
      return cutPattern(value ?? '', operator, expandPattern(word, scope));
    default:
      return value ?? '';
  }
}

/** `+ - * / % ( )` and comparisons over whole numbers and variables. */
function arithmetic(expression: string, scope: ExpansionScope): number {
  const tokens = expression.match(/\d+|\$?\{?[A-Za-z_]\w*\}?|<=|>=|==|!=|[-+*/%()<>]/g) ?? [];
  let at = 0;
  const levels = [
    ['==', '!='],
    ['<', '>', '<=', '>='],
    ['+', '-'],
    ['*', '/', '%'],
  ];
  const apply = (operator: string, a: number, b: number): number => {
    switch (operator) {
      case '+':
        return a + b;
      case '-':
        return a - b;
      case '*':
        return a * b;
      case '/':
        return Math.trunc(a / b);
      case '%':
        return a % b;
      case '<':
        return Number(a < b);
      case '>':
        return Number(a > b);
      case '<=':
        return Number(a <= b);
      case '>=':
        return Number(a >= b);
      case '==':
        return Number(a === b);
      default:
        return Number(a !== b);
    }
  };
  const value = (level: number): number => {
    if (level === levels.length) return primary();
    let left = value(level + 1);
    while (levels[level]!.includes(tokens[at]!)) left = apply(tokens[at++]!, left, value(level + 1));
    return left;
  };
  const primary = (): number => {
    const token = tokens[at++] ?? '0';
    if (token === '-') return -primary();
    if (token === '(') {
      const inner = value(0);
      at++;
      return inner;
    }
    if (/^\d/.test(token)) return Number(token);
    return Number(scope.variable(token.replace(/[${}]/g, '')) ?? 0) || 0;
  };
  return value(0);
}
