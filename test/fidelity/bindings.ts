/**
 * Placeholders of one scenario and the values that the server under test chose for them. The same placeholder must always be
 * the same value; a new uid must be a new one; resourceVersions must grow as the recorded ones did.
 */
const PLACEHOLDER =
  /«(uid|rv|listrv|gen|ip|nodeport|continue|time|microtime|nanotime|age|jwt|hash|num|any)(?:#(\d+))?»/g;
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const SECONDS = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d';

const PATTERNS: Readonly<Record<string, string>> = {
  uid: UUID,
  rv: '\\d+',
  listrv: '\\d+',
  gen: '[a-z0-9]{5}',
  ip: '[0-9a-f.:]+',
  nodeport: '\\d+',
  continue: '.+',
  time: `${SECONDS}Z`,
  microtime: `${SECONDS}\\.\\d{6}Z`,
  nanotime: `${SECONDS}\\.\\d+Z`,
  age: '(?:\\d+[smhdy])+',
  jwt: 'eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+',
  hash: '[0-9A-Za-z]+',
  num: '\\d+',
  any: '[^]*',
};

interface Template {
  readonly pattern: RegExp;
  readonly groups: readonly { readonly type: string; readonly number: string | undefined }[];
}

const templates = new Map<string, Template>();

function templateOf(text: string): Template {
  let template = templates.get(text);
  if (template) return template;
  const groups: { type: string; number: string | undefined }[] = [];
  let source = '';
  let last = 0;
  const literal = (part: string) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  for (const match of text.matchAll(PLACEHOLDER)) {
    source += `${literal(text.slice(last, match.index))}(${PATTERNS[match[1]!]})`;
    groups.push({ type: match[1]!, number: match[2] });
    last = match.index + match[0].length;
  }
  source += literal(text.slice(last));
  template = { pattern: new RegExp(`^${source}$`), groups };
  templates.set(text, template);
  return template;
}

export class Bindings {
  private readonly values = new Map<string, string>();
  private readonly placeholders = new Map<string, string>();
  private readonly revisions: { rank: number; value: bigint }[] = [];

  /** Whether `actual` fits the recorded text; a sentence when it does not. */
  match(recorded: string, actual: string): string | undefined {
    const { pattern, groups } = templateOf(recorded);
    const match = pattern.exec(actual);
    if (!match) return 'differs';
    for (let i = 0; i < groups.length; i++) {
      const { type, number } = groups[i]!;
      const problem = this.bind(type, number, match[i + 1]!);
      if (problem) return problem;
    }
    return undefined;
  }

  /** The key of `actual` that a recorded key with placeholders stands for. */
  findKey(recorded: string, keys: readonly string[]): string | undefined {
    const { pattern, groups } = templateOf(recorded);
    return keys.find((key) => {
      const match = pattern.exec(key);
      return match?.slice(1).every((value, i) => {
        const known = this.values.get(`${groups[i]!.type}#${groups[i]!.number}`);
        return known === undefined || known === value;
      });
    });
  }

  bind(type: string, number: string | undefined, value: string): string | undefined {
    if (number === undefined) return undefined;
    const placeholder = `${type}#${number}`;
    const known = this.values.get(placeholder);
    if (known !== undefined) return known === value ? undefined : `«${placeholder}» was ${known}, now ${value}`;
    const other = this.placeholders.get(`${type} ${value}`);
    if (other !== undefined && type !== 'ip' && type !== 'nodeport') return `${value} was «${other}» already`;
    this.values.set(placeholder, value);
    this.placeholders.set(`${type} ${value}`, placeholder);
    return type === 'rv' ? this.checkOrder(Number(number), BigInt(value)) : undefined;
  }

  private checkOrder(rank: number, value: bigint): string | undefined {
    const wrong = this.revisions.find((each) => each.rank < rank !== each.value < value);
    this.revisions.push({ rank, value });
    return wrong && `resourceVersion order: «rv#${rank}» = ${value}, but «rv#${wrong.rank}» = ${wrong.value}`;
  }
}

export const hasPlaceholder = (text: string): boolean => text.includes('«');
