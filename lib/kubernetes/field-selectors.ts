/**
 * Field selectors: `metadata.name=x,status.phase!=Running`. They know only equality, and only the fields a kind offers.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
 */
import { SelectorError } from './selectors';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/**
 * `metadata.name=x,status.phase!=Running`; a comma, an equals sign or a backslash in a value is escaped by a backslash.
 * @throws SelectorError
 */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text).sort()) {
    if (term === '') continue;
    const match = /!=|==|=/.exec(term);
    if (!match) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    requirements.push({
      field: term.slice(0, match.index),
      operator: match[0] === '!=' ? '!=' : '=',
      value: unescapeValue(term.slice(match.index + match[0].length)),
    });
  }
  return requirements;
}

function splitTerms(text: string): string[] {
  if (text === '') return [];
  const terms = [''];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') terms[terms.length - 1] += text.slice(i, ++i + 1);
    else if (text[i] === ',') terms.push('');
    else terms[terms.length - 1] += text[i];
  }
  return terms;
}

function unescapeValue(text: string): string {
  let value = '';
  const characters = [...text];
  for (let i = 0; i < characters.length; i++) {
    const c = characters[i]!;
    if (c === '\\') {
      const next = characters[++i];
      if (next !== '\\' && next !== ',' && next !== '=') {
        throw new SelectorError(`invalid field selector: invalid escape sequence: \\${next ?? ''}`);
      }
      value += next;
    } else if (c === ',' || c === '=') {
      throw new SelectorError(`invalid field selector: unescaped character in value: ${c.codePointAt(0)}`);
    } else value += c;
  }
  return value;
}

/** Whether an object matches, given how to read each field from it. */
export function matchesFields<T>(
  requirements: readonly FieldRequirement[],
  object: T,
  read: (object: T, field: string) => string,
): boolean {
  for (const { field, operator, value } of requirements) {
    if ((read(object, field) === value) !== (operator === '=')) return false;
  }
  return true;
}
