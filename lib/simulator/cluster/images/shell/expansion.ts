/**
 * Turns a raw word of a script into arguments: quotes, variables, command and arithmetic substitution.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06
 *
 * Left out: file name patterns, `~`, and the string operators of `${}` besides `:-`, `-`, `:+` and `#`.
 */
import { endOfParentheses } from './syntax';

export interface ExpansionScope {
  variable(name: string): string | undefined;
  /** Runs a command and answers with what it wrote. */
  substitute(script: string): string;
}

/** @returns the arguments: none, one, or several when an unquoted variable holds several words. */
export function expandWord(raw: string, scope: ExpansionScope): string[] {
  const fields: string[] = [];
  let current = '';
  let exists = false;
  const addUnquoted = (text: string) => {
    const parts = text.split(/[ \t\n]+/);
    parts.forEach((part, i) => {
      if (i > 0) {
        if (exists) fields.push(current);
        current = '';
        exists = false;
      }
      if (part !== '') {
        current += part;
        exists = true;
      }
    });
  };
  let i = 0;
  while (i < raw.length) {
    const char = raw[i]!;
    if (char === "'") {
      const end = raw.indexOf("'", i + 1);
      current += raw.slice(i + 1, end);
      exists = true;
      i = end + 1;
    } else if (char === '"') {
      const { text, end } = doubleQuoted(raw, i + 1, scope);
      current += text;
      exists = true;
      i = end;
    } else if (char === '\\') {
      current += raw[i + 1] ?? '';
      exists = true;
      i += 2;
    } else if (char === '$' || char === '`') {
      const { text, end } = dollar(raw, i, scope);
      addUnquoted(text);
      i = end;
    } else {
      current += char;
      exists = true;
      i++;
    }
  }
  if (exists) fields.push(current);
  return fields;
}

/** Without splitting: the value of an assignment, the target of a redirection. */
export function expandText(raw: string, scope: ExpansionScope): string {
  return expandWord(raw.startsWith('"') || !/[$`]/.test(raw) ? raw : `"${raw.replaceAll('"', '')}"`, scope).join(' ');
}

function doubleQuoted(raw: string, start: number, scope: ExpansionScope): { text: string; end: number } {
  let text = '';
  let i = start;
  while (i < raw.length && raw[i] !== '"') {
    if (raw[i] === '\\' && '"\\$`\n'.includes(raw[i + 1] ?? '')) {
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
  const [, name, operator, word = ''] = /^(\w+|[?$@*!])(:?[-+])?(.*)$/.exec(text) ?? [];
  const value = name === undefined ? undefined : scope.variable(name);
  const isSet = operator?.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  if (operator?.endsWith('-')) return isSet ? value! : expandText(word, scope);
  if (operator?.endsWith('+')) return isSet ? expandText(word, scope) : '';
  return value ?? '';
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
