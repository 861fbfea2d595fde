/**
 * Reads shell scripts: lists, pipelines, loops and conditions of the POSIX shell.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
 *
 * Of what is not POSIX it knows `function name { ... }` and here-strings (`<<<`).
 */
import { ShellSyntaxError, type Token, tokenize } from './tokens';

export type Command =
  | { readonly type: 'simple'; readonly words: readonly string[]; readonly redirects: readonly Redirect[] }
  | {
      readonly type: 'while';
      readonly until: boolean;
      readonly condition: List;
      readonly body: List;
      readonly redirects: readonly Redirect[];
    }
  | {
      readonly type: 'for';
      readonly name: string;
      readonly words: readonly string[];
      readonly body: List;
      readonly redirects: readonly Redirect[];
    }
  | {
      readonly type: 'if';
      readonly branches: readonly Branch[];
      readonly otherwise: List | undefined;
      readonly redirects: readonly Redirect[];
    }
  | {
      readonly type: 'case';
      readonly word: string;
      readonly branches: readonly CaseBranch[];
      readonly redirects: readonly Redirect[];
    }
  | {
      readonly type: 'function';
      readonly name: string;
      readonly body: Command;
      readonly redirects: readonly Redirect[];
    }
  | { readonly type: 'group'; readonly body: List; readonly redirects: readonly Redirect[] };

interface CaseBranch {
  readonly patterns: readonly string[];
  readonly body: List;
}

interface Branch {
  readonly condition: List;
  readonly body: List;
}

/** `words` and `target` are raw: quotes and variables are the interpreter's. */
export interface Redirect {
  readonly descriptor: number;
  readonly kind: '>' | '>>' | '<' | '>&' | '<<' | '<<<';
  /** Of `<<`: the text of the here-document. */
  readonly target: string;
  /** A here-document whose delimiter is quoted: nothing in it is expanded. */
  readonly literal?: boolean;
}

export interface Pipeline {
  readonly commands: readonly Command[];
  readonly negated: boolean;
}

/** One step of a list and what connects it to the next. */
export interface Step {
  readonly pipeline: Pipeline;
  readonly then: ';' | '&' | '&&' | '||';
}

export type List = readonly Step[];

/** @param more whether more may follow: then a here-document has to be complete; otherwise the end of the script ends it */
export function parseScript(script: string, { more = false }: { readonly more?: boolean } = {}): List {
  const parser = new Parser(tokenize(script, more));
  const list = parser.list();
  parser.expectEnd();
  return list;
}

const CLOSERS = new Set(['done', 'do', 'then', 'else', 'elif', 'fi', 'esac', '}']);

class Parser {
  private at = 0;
  constructor(private readonly tokens: readonly Token[]) {}

  list(): List {
    const steps: Step[] = [];
    this.skipNewlines();
    while (this.at < this.tokens.length && !this.isCloser()) {
      const pipeline = this.pipeline();
      const token = this.tokens[this.at];
      const connects = token?.kind === 'operator' && [';', '&', '&&', '||', '\n'].includes(token.text);
      if (connects) this.at++;
      const then = connects && token.text !== '\n' ? (token.text as Step['then']) : ';';
      steps.push({ pipeline, then });
      this.skipNewlines();
      if (!connects) break;
    }
    return steps;
  }

  expectEnd(): void {
    if (this.at < this.tokens.length) throw this.unexpected();
  }

  private pipeline(): Pipeline {
    let negated = false;
    if (this.isWord('!')) {
      this.at++;
      negated = true;
    }
    const commands = [this.command()];
    while (this.isOperator('|')) {
      this.at++;
      this.skipNewlines();
      commands.push(this.command());
    }
    return { commands, negated };
  }

  private command(): Command {
    if (this.isOperator('(')) {
      this.at++;
      const body = this.list();
      this.expectOperator(')');
      return { type: 'group', body, redirects: this.redirects() };
    }
    const token = this.tokens[this.at];
    if (!token || token.kind === 'operator') throw this.unexpected();
    switch (token.text) {
      case '{': {
        this.at++;
        const body = this.list();
        this.expectWord('}');
        return { type: 'group', body, redirects: this.redirects() };
      }
      case 'while':
      case 'until':
        return this.whileLoop(token.text === 'until');
      case 'for':
        return this.forLoop();
      case 'if':
        return this.condition();
      case 'case':
        return this.choice();
      case 'function':
        this.at++;
        return this.definition();
      default:
        return this.isDefinition() ? this.definition() : this.simple();
    }
  }

  private whileLoop(until: boolean): Command {
    this.at++;
    const condition = this.list();
    this.expectWord('do');
    const body = this.list();
    this.expectWord('done');
    return { type: 'while', until, condition, body, redirects: this.redirects() };
  }

  private forLoop(): Command {
    this.at++;
    const name = this.tokens[this.at++]!.text;
    const words: string[] = [];
    if (this.isWord('in')) {
      this.at++;
      while (this.tokens[this.at]?.kind === 'word') words.push(this.tokens[this.at++]!.text);
    }
    if (this.isOperator(';')) this.at++;
    this.skipNewlines();
    this.expectWord('do');
    const body = this.list();
    this.expectWord('done');
    return { type: 'for', name, words, body, redirects: this.redirects() };
  }

  private condition(): Command {
    const branches: Branch[] = [];
    let otherwise: List | undefined;
    do {
      this.at++;
      const condition = this.list();
      this.expectWord('then');
      branches.push({ condition, body: this.list() });
    } while (this.isWord('elif'));
    if (this.isWord('else')) {
      this.at++;
      otherwise = this.list();
    }
    this.expectWord('fi');
    return { type: 'if', branches, otherwise, redirects: this.redirects() };
  }

  private choice(): Command {
    this.at++;
    const word = this.tokens[this.at++]?.text ?? '';
    this.skipNewlines();
    this.expectWord('in');
    this.skipNewlines();
    const branches: CaseBranch[] = [];
    while (!this.isWord('esac')) {
      if (this.isOperator('(')) this.at++;
      const patterns = [this.pattern()];
      while (this.isOperator('|')) {
        this.at++;
        patterns.push(this.pattern());
      }
      this.expectOperator(')');
      branches.push({ patterns, body: this.list() });
      if (this.isOperator(';;')) this.at++;
      else if (!this.isWord('esac')) throw this.unexpected(';;');
      this.skipNewlines();
    }
    this.at++;
    return { type: 'case', word, branches, redirects: this.redirects() };
  }

  private pattern(): string {
    const token = this.tokens[this.at];
    if (token?.kind !== 'word') throw this.unexpected();
    this.at++;
    return token.text;
  }

  /** `name()` */
  private isDefinition(): boolean {
    const [name, open, close] = this.tokens.slice(this.at, this.at + 3);
    return (
      /^[A-Za-z_][\w-]*$/.test(name!.text) && open?.text === '(' && close?.text === ')' && open.kind === 'operator'
    );
  }

  private definition(): Command {
    const name = this.tokens[this.at++]!.text;
    if (this.isOperator('(')) {
      this.at++;
      this.expectOperator(')');
    }
    this.skipNewlines();
    return { type: 'function', name, body: this.command(), redirects: [] };
  }

  private simple(): Command {
    const words: string[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      const redirect = this.redirect();
      if (redirect) {
        redirects.push(redirect);
        continue;
      }
      const token = this.tokens[this.at];
      if (token?.kind !== 'word') break;
      words.push(token.text);
      this.at++;
    }
    return { type: 'simple', words, redirects };
  }

  private redirects(): Redirect[] {
    const found: Redirect[] = [];
    for (let next = this.redirect(); next; next = this.redirect()) found.push(next);
    return found;
  }

  private redirect(): Redirect | undefined {
    let at = this.at;
    let descriptor: number | undefined;
    const first = this.tokens[at];
    const second = this.tokens[at + 1];
    if (
      first?.kind === 'word' &&
      /^[0-2]$/.test(first.text) &&
      second?.kind === 'operator' &&
      /^[<>]/.test(second.text)
    ) {
      descriptor = Number(first.text);
      at++;
    }
    const operator = this.tokens[at];
    if (operator?.kind !== 'operator' || !/^(>>?|>&|<|<<-?|<<<)$/.test(operator.text)) return undefined;
    const target = this.tokens[at + 1];
    if (!target || target.kind === 'operator') throw this.unexpected();
    this.at = at + 2;
    const kind = operator.text.replace('-', '') as Redirect['kind'];
    const { text, literal = false } = target;
    return { descriptor: descriptor ?? (kind.startsWith('<') ? 0 : 1), kind, target: text, literal };
  }

  private isCloser(): boolean {
    const token = this.tokens[this.at]!;
    return token.kind === 'word' ? CLOSERS.has(token.text) : token.text === ')' || token.text === ';;';
  }

  private isWord(text: string): boolean {
    const token = this.tokens[this.at];
    return token?.kind === 'word' && token.text === text;
  }

  private isOperator(text: string): boolean {
    const token = this.tokens[this.at];
    return token?.kind === 'operator' && token.text === text;
  }

  private expectWord(text: string): void {
    if (!this.isWord(text)) throw this.unexpected(text);
    this.at++;
  }

  private expectOperator(text: string): void {
    if (!this.isOperator(text)) throw this.unexpected(text);
    this.at++;
  }

  private skipNewlines(): void {
    while (this.isOperator('\n')) this.at++;
  }

  private unexpected(expected?: string): ShellSyntaxError {
    const token = this.tokens[this.at];
    const what = token ? (token.text === '\n' ? 'newline' : `"${token.text}"`) : 'end of file';
    return new ShellSyntaxError(`syntax error: unexpected ${what}${expected ? ` (expecting "${expected}")` : ''}`);
  }
}
