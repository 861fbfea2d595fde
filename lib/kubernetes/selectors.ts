/**
 * Selectors: which objects a query, a Service or a controller means.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 *
 * Label selectors come as text (`app=web,tier in (a,b),!canary`), as a map of labels, or as a LabelSelector object.
 * Errors are in the API server's words.
 */
import { quote } from './field-errors';
import { labelValue, qualifiedName } from './validation/names';

export type Labels = Readonly<Record<string, string>>;

type Operator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: Operator;
  /** Sorted, without duplicates. */
  readonly values: readonly string[];
}

/** All requirements must hold; none match everything. */
export interface LabelSelectorQuery {
  readonly requirements: readonly LabelRequirement[];
}

/** As it stands in the spec of a controller. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

/** What is wrong with the text of a selector. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

export const EVERYTHING: LabelSelectorQuery = { requirements: [] };

export function queryMatches(query: LabelSelectorQuery, labels: Labels | undefined): boolean {
  for (const requirement of query.requirements) if (!matches(requirement, labels)) return false;
  return true;
}

function matches({ key, operator, values }: LabelRequirement, labels: Labels | undefined): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    default: {
      if (value === undefined || !isInteger(value)) return false;
      return operator === 'gt' ? BigInt(value) > BigInt(values[0]!) : BigInt(value) < BigInt(values[0]!);
    }
  }
}

const isInteger = (text: string): boolean => /^[+-]?[0-9]+$/.test(text);

/** A map of labels as Services have it: undefined or empty matches nothing there, so ask first. */
export function queryOfLabels(labels: Labels | undefined): LabelSelectorQuery {
  const keys = Object.keys(labels ?? {}).sort();
  return { requirements: keys.map((key) => ({ key, operator: '=', values: [labels![key]!] })) };
}

const operatorOfExpression: Readonly<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/**
 * A LabelSelector object. Undefined selects nothing, an empty one everything.
 * @throws SelectorError when an operator does not exist
 */
export function queryOfSelector(selector: LabelSelector | undefined | null): LabelSelectorQuery | undefined {
  if (!selector) return undefined;
  const requirements = [...queryOfLabels(selector.matchLabels).requirements];
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = operatorOfExpression[operator];
    if (!known) throw new SelectorError(`${quote(operator)} is not a valid label selector operator`);
    requirements.push({ key, operator: known, values: [...new Set(values ?? [])].sort() });
  }
  return { requirements };
}

/** Whether a LabelSelector object selects these labels; undefined selects nothing. */
export function selectorMatches(selector: LabelSelector | undefined | null, labels: Labels | undefined): boolean {
  const query = queryOfSelector(selector);
  return query !== undefined && queryMatches(query, labels);
}

/** A selector made ready to be asked often. */
export type LabelMatcher = (labels: Labels | undefined) => boolean;

/** An empty selector matches everything; no selector (undefined, null) matches nothing. @throws SelectorError */
export function compileLabelSelector(selector: LabelSelector | undefined | null): LabelMatcher {
  const query = queryOfSelector(selector);
  return query === undefined ? () => false : (labels) => queryMatches(query, labels);
}

/** A selector of the old form (Service, ReplicationController): a plain map, all of which must be there. */
export function matchesLabels(selector: Labels, labels: Labels | undefined): boolean {
  for (const key in selector) if (labels?.[key] !== selector[key]) return false;
  return true;
}

/** `app=web,tier in (a,b)`: the canonical text, as in `status.selector` and in tables. */
export function formatQuery(query: LabelSelectorQuery): string {
  return query.requirements.map(formatRequirement).join(',');
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'gt':
      return `${key}>${values[0]}`;
    case 'lt':
      return `${key}<${values[0]}`;
    default:
      return `${key}${operator}${values[0]}`;
  }
}

/** The text of a LabelSelector in a table cell: `<none>` for undefined and for everything. */
export function formatSelector(selector: LabelSelector | undefined): string {
  try {
    const query = queryOfSelector(selector);
    return query === undefined || query.requirements.length === 0 ? '<none>' : formatQuery(query);
  } catch {
    return '<error>';
  }
}

// ---- the text of a label selector --------------------------------------------------------------------------------------

interface Token {
  readonly kind:
    | 'identifier'
    | 'end'
    | 'error'
    | ')'
    | ','
    | '!'
    | '=='
    | '='
    | '>'
    | 'in'
    | '<'
    | '!='
    | 'notin'
    | '(';
  readonly text: string;
}

const SPECIAL = '=!(),><';
const SPACE = ' \t\r\n';
const symbols = [')', ',', '!', '==', '=', '>', '<', '!=', '('];

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let i = 0;
  while (i < text.length) {
    const c = text[i]!;
    if (SPACE.includes(c)) i++;
    else if (SPECIAL.includes(c)) {
      const two = text.slice(i, i + 2);
      const symbol = symbols.includes(two) ? two : c;
      tokens.push({ kind: symbol as Token['kind'], text: symbol });
      i += symbol.length;
    } else {
      let end = i;
      while (end < text.length && !SPECIAL.includes(text[end]!) && !SPACE.includes(text[end]!)) end++;
      const word = text.slice(i, end);
      tokens.push({ kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word });
      i = end;
    }
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

class Parser {
  private position = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const { kind, text } = this.peek();
      if (kind === 'end') return requirements;
      if (kind !== 'identifier' && kind !== '!') {
        throw new SelectorError(`found '${text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.requirement());
      const next = this.take();
      if (next.kind === 'end') return requirements;
      if (next.kind !== ',') throw new SelectorError(`found '${next.text}', expected: ',' or 'end of string'`);
      const after = this.peek();
      if (after.kind !== 'identifier' && after.kind !== '!') {
        throw new SelectorError(`found '${after.text}', expected: identifier after ','`);
      }
    }
  }

  /** `in` and `notin` are operators only where an operator may stand. */
  private peek(asOperator = false): Token {
    const token = this.tokens[this.position]!;
    const isWord = token.kind === 'in' || token.kind === 'notin';
    return isWord && !asOperator ? { kind: 'identifier', text: token.text } : token;
  }

  private take(asOperator = false): Token {
    const token = this.peek(asOperator);
    if (this.position < this.tokens.length - 1) this.position++;
    return token;
  }

  private requirement(): LabelRequirement {
    let negated = false;
    let token = this.take();
    if (token.kind === '!') {
      negated = true;
      token = this.take();
    }
    if (token.kind !== 'identifier') throw unparsable(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const wrong = qualifiedName(key);
    if (wrong.length > 0) throw unparsable(`<nil>: Invalid value: ${quote(key)}: ${wrong.join('; ')}`);
    const next = this.peek().kind;
    if (negated) return { key, operator: '!', values: [] };
    if (next === 'end' || next === ',') return { key, operator: 'exists', values: [] };
    const operator = this.operator();
    const values = operator === 'in' || operator === 'notin' ? this.values() : this.exactValue();
    return checked({ key, operator, values: [...new Set(values)].sort() });
  }

  private operator(): Operator {
    const { kind, text } = this.take(true);
    switch (kind) {
      case 'in':
      case 'notin':
      case '=':
      case '==':
      case '!=':
        return kind;
      case '>':
        return 'gt';
      case '<':
        return 'lt';
      default:
        throw unparsable(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  private values(): string[] {
    const open = this.take();
    if (open.kind !== '(') throw unparsable(`found '${open.text}' expected: '('`);
    const first = this.peek();
    if (first.kind === ')') {
      this.take();
      return [''];
    }
    if (first.kind !== 'identifier' && first.kind !== ',') {
      throw unparsable(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values = this.identifiers();
    if (this.take().kind !== ')') throw unparsable(`found '${first.text}', expected: ')'`);
    return values;
  }

  /** `a,b`; empty values count: `(,a)` holds '' and 'a'. */
  private identifiers(): string[] {
    const values: string[] = [];
    for (;;) {
      const { kind, text } = this.take();
      const next = this.peek();
      if (kind === 'identifier') {
        values.push(text);
        if (next.kind === ')') return values;
        if (next.kind !== ',') throw unparsable(`found '${next.text}', expected: ',' or ')'`);
      } else if (kind === ',') {
        if (values.length === 0) values.push('');
        if (next.kind === ')') return [...values, ''];
        if (next.kind === ',') values.push('');
      } else {
        throw unparsable(`found '${text}', expected: ',', or identifier`);
      }
    }
  }

  private exactValue(): string[] {
    const next = this.peek();
    if (next.kind === 'end' || next.kind === ',') return [''];
    this.take();
    if (next.kind !== 'identifier') throw unparsable(`found '${next.text}', expected: identifier`);
    return [next.text];
  }
}

const unparsable = (reason: string): SelectorError => new SelectorError(`unable to parse requirement: ${reason}`);

function checked(requirement: LabelRequirement): LabelRequirement {
  const { key, operator, values } = requirement;
  const problems: string[] = [];
  values.forEach((value, i) => {
    if ((operator === 'gt' || operator === 'lt') && !isInteger(value)) {
      const rule = "for 'Gt', 'Lt' operators, the value must be an integer";
      problems.push(`values[${i}]: Invalid value: ${quote(value)}: ${rule}`);
    }
  });
  values.forEach((value, i) => {
    const wrong = labelValue(value);
    if (wrong.length > 0) problems.push(`values[${i}][${key}]: Invalid value: ${quote(value)}: ${wrong.join('; ')}`);
  });
  if (problems.length > 0) throw unparsable(problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`);
  return requirement;
}

/** @throws SelectorError */
export function parseLabelSelector(text: string): LabelSelectorQuery {
  const requirements = new Parser(tokensOf(text)).parse();
  // The server sorts by key; the sort is stable.
  return { requirements: requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)) };
}
