/**
 * Cuts a script into words and operators; here-documents are read with the line that they begin in.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_03
 */

/** Thrown with what a shell would print. */
export class ShellSyntaxError extends Error {
  override readonly name = 'ShellSyntaxError';
}

export interface Token {
  readonly kind: 'word' | 'operator' | 'document';
  text: string;
  readonly literal?: boolean;
}

const OPERATORS = ['&&', '||', '<<<', '<<-', '<<', '>>', '>&', ';;', ';', '&', '|', '>', '<', '(', ')', '\n'];
const WORD_END = /[\s;&|<>()]/;

/** @param more whether more may follow the script */
export function tokenize(script: string, more: boolean): Token[] {
  const tokens: Token[] = [];
  /** Here-documents whose text begins after the next newline. */
  let documents: HereDocument[] = [];
  let i = 0;
  while (i < script.length) {
    const char = script[i]!;
    if (char === '#' && (i === 0 || /[\s;]/.test(script[i - 1]!))) {
      while (i < script.length && script[i] !== '\n') i++;
      continue;
    }
    if (script.startsWith('\\\n', i)) {
      i += 2;
      continue;
    }
    if (char !== '\n' && /\s/.test(char)) {
      i++;
      continue;
    }
    const operator = OPERATORS.find((each) => script.startsWith(each, i));
    if (operator) {
      tokens.push({ kind: 'operator', text: operator });
      i += operator.length;
      if (operator === '<<' || operator === '<<-') {
        while (script[i] === ' ') i++;
        const end = endOfWord(script, i);
        const delimiter = script.slice(i, end);
        const token: Token = { kind: 'document', text: '', literal: /['"\\]/.test(delimiter) };
        tokens.push(token);
        documents.push({ token, delimiter: delimiter.replace(/['"\\]/g, ''), stripTabs: operator === '<<-' });
        i = end;
      } else if (operator === '\n') {
        for (const document of documents) i = readDocument(script, i, document, more);
        documents = [];
      }
      continue;
    }
    const end = endOfWord(script, i);
    tokens.push({ kind: 'word', text: script.slice(i, end) });
    i = end;
  }
  return tokens;
}

interface HereDocument {
  readonly token: Token;
  readonly delimiter: string;
  readonly stripTabs: boolean;
}

/** @returns the place behind the delimiter's line */
function readDocument(
  script: string,
  start: number,
  { token, delimiter, stripTabs }: HereDocument,
  more: boolean,
): number {
  let at = start;
  while (at < script.length) {
    const end = script.indexOf('\n', at) < 0 ? script.length : script.indexOf('\n', at);
    const line = stripTabs ? script.slice(at, end).replace(/^\t+/, '') : script.slice(at, end);
    at = end + 1;
    if (line === delimiter) return at;
    token.text += `${line}\n`;
  }
  if (more) throw new ShellSyntaxError(`syntax error: unexpected end of file (expecting "${delimiter}")`);
  return at;
}

function endOfWord(script: string, start: number): number {
  let i = start;
  while (i < script.length && !WORD_END.test(script[i]!)) {
    if (script[i] === '\\') i += 2;
    else if (script[i] === "'") i = closing(script, i, "'");
    else if (script[i] === '"') i = endOfDoubleQuotes(script, i);
    else if (script[i] === '`') i = closing(script, i, '`');
    else if (script.startsWith('$(', i)) i = endOfParentheses(script, i + 1);
    else if (script.startsWith('${', i)) i = closing(script, i, '}');
    else i++;
  }
  return Math.min(i, script.length);
}

function closing(script: string, start: number, quote: string): number {
  const end = script.indexOf(quote, start + 1);
  if (end < 0) throw new ShellSyntaxError('syntax error: unterminated quoted string');
  return end + 1;
}

function endOfDoubleQuotes(script: string, start: number): number {
  let i = start + 1;
  while (i < script.length && script[i] !== '"') {
    if (script[i] === '\\') i += 2;
    else if (script.startsWith('$(', i)) i = endOfParentheses(script, i + 1);
    else i++;
  }
  if (i >= script.length) throw new ShellSyntaxError('syntax error: unterminated quoted string');
  return i + 1;
}

/** @param start the place of the opening parenthesis. */
export function endOfParentheses(script: string, start: number): number {
  let depth = 0;
  let i = start;
  while (i < script.length) {
    const char = script[i]!;
    if (char === "'") i = closing(script, i, "'");
    else if (char === '"') i = endOfDoubleQuotes(script, i);
    else {
      if (char === '(') depth++;
      if (char === ')' && --depth === 0) return i + 1;
      i++;
    }
  }
  throw new ShellSyntaxError('syntax error: unexpected end of file (expecting ")")');
}
