/** Small programs that write and cut text: echo, printf, grep, head, tail, wc, sort, seq, ... */
import type { Program } from '../image-behaviour';
import type { CommandContext, ShellCommand } from './commands';

const withEscapes = (text: string) =>
  text.replace(/\\(n|t|r|\\|0?[0-7]{3})/g, (_, code: string) => {
    const named: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };
    return named[code] ?? String.fromCharCode(Number.parseInt(code, 8));
  });

export const textCommands: Readonly<Record<string, ShellCommand>> = {
  echo(args, { streams }) {
    let at = 0;
    let newline = '\n';
    let escapes = false;
    for (; at < args.length && /^-[neE]+$/.test(args[at]!); at++) {
      if (args[at]!.includes('n')) newline = '';
      if (args[at]!.includes('e')) escapes = true;
    }
    const text = args.slice(at).join(' ');
    streams.out((escapes ? withEscapes(text) : text) + newline);
    return 0;
  },
  printf([format = '', ...args], { streams }) {
    const rest = [...args];
    do {
      streams.out(
        withEscapes(format).replace(/%(%|-?\d*s|0?\d*d)/g, (_, kind: string) => {
          if (kind === '%') return '%';
          const value = rest.shift() ?? (kind.endsWith('d') ? '0' : '');
          const width = Number(/\d+/.exec(kind)?.[0] ?? 0);
          if (kind.startsWith('-')) return value.padEnd(width);
          return value.padStart(width, kind.startsWith('0') ? '0' : ' ');
        }),
      );
    } while (rest.length > 0 && /%-?\d*[sd]/.test(format));
    return 0;
  },
  *grep(args, context) {
    const options = args.filter((arg) => /^-\w/.test(arg)).join('');
    const [pattern = '', ...paths] = args.filter((arg) => !/^-\w/.test(arg));
    const expression = options.includes('F') ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : pattern;
    const test = new RegExp(expression, options.includes('i') ? 'i' : '');
    const found = (yield* linesOf(paths, context)).filter((line) => test.test(line) !== options.includes('v'));
    if (options.includes('c')) context.streams.out(`${found.length}\n`);
    else if (!options.includes('q')) context.streams.out(found.map((line) => `${line}\n`).join(''));
    return found.length > 0 ? 0 : 1;
  },
  head: (args, context) => cut(args, context, (lines, count) => lines.slice(0, count)),
  *tail(args, context) {
    yield* cut(args, context, (lines, count) => (count === 0 ? [] : lines.slice(-count)));
    if (args.some((arg) => /^-\w*[fF]/.test(arg))) yield Number.POSITIVE_INFINITY;
    return 0;
  },
  *wc(args, context) {
    const paths = args.filter((arg) => !arg.startsWith('-'));
    const text = yield* textOf(paths, context);
    const counts: Record<string, number> = {
      '-l': text.split('\n').length - 1,
      '-w': text.split(/\s+/).filter(Boolean).length,
      '-c': text.length,
    };
    const wanted = args.filter((arg) => arg in counts);
    const shown = (wanted.length > 0 ? wanted : Object.keys(counts)).map((option) => counts[option]);
    context.streams.out(`${[...shown, ...paths].join(' ')}\n`);
    return 0;
  },
  *sort(args, context) {
    const paths = args.filter((arg) => !arg.startsWith('-'));
    const lines = (yield* linesOf(paths, context)).sort();
    if (args.includes('-r')) lines.reverse();
    const kept = args.includes('-u') ? [...new Set(lines)] : lines;
    context.streams.out(kept.map((line) => `${line}\n`).join(''));
    return 0;
  },
  *tr([from = '', to = ''], { streams }) {
    const text = yield* streams.stdin.all();
    if (from === '-d') streams.out([...text].filter((char) => !withEscapes(to).includes(char)).join(''));
    else {
      const [source, target] = [ranges(withEscapes(from)), ranges(withEscapes(to))];
      const replaced = [...text].map((char) => {
        const at = source.indexOf(char);
        return at < 0 ? char : target[Math.min(at, target.length - 1)];
      });
      streams.out(replaced.join(''));
    }
    return 0;
  },
  seq(args, { streams }) {
    const numbers = args.map(Number);
    const [first, step, last] =
      numbers.length === 1 ? [1, 1, numbers[0]!] : numbers.length === 2 ? [numbers[0]!, 1, numbers[1]!] : numbers;
    for (let i = first!; step! > 0 ? i <= last! : i >= last!; i += step!) streams.out(`${i}\n`);
    return 0;
  },
  *tee(args, { state, streams }) {
    const text = yield* streams.stdin.all();
    const append = args.includes('-a');
    for (const path of args.filter((arg) => !arg.startsWith('-'))) {
      const full = state.resolvePath(path);
      if (append) state.container.files.append(full, text);
      else state.container.files.write(full, text);
    }
    streams.out(text);
    return 0;
  },
};

function ranges(text: string): string {
  return text.replace(/(\w)-(\w)/g, (_, from: string, to: string) => {
    let all = '';
    for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++) all += String.fromCharCode(code);
    return all;
  });
}

export function* textOf(paths: readonly string[], { state, streams }: CommandContext): Generator<number, string, void> {
  if (paths.length === 0) return yield* streams.stdin.all();
  let text = '';
  for (const path of paths) {
    text += path === '-' ? yield* streams.stdin.all() : state.container.files.read(state.resolvePath(path));
  }
  return text;
}

function* linesOf(paths: readonly string[], context: CommandContext): Generator<number, string[], void> {
  const lines = (yield* textOf(paths, context)).split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  return lines;
}

/** `-n 5`, `-n5`, `-5`; 10 lines otherwise. */
function* cut(
  args: readonly string[],
  context: CommandContext,
  choose: (lines: readonly string[], count: number) => readonly string[],
): Program {
  let count = 10;
  const paths: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const inline = /^-n?(\d+)$/.exec(arg);
    if (inline) count = Number(inline[1]);
    else if (arg === '-n') count = Number(args[++i]);
    else if (!/^-\w/.test(arg)) paths.push(arg);
  }
  if (paths.includes('/dev/null')) return 0;
  context.streams.out(
    choose(yield* linesOf(paths, context), count)
      .map((line) => `${line}\n`)
      .join(''),
  );
  return 0;
}

/** `test` and `[`: one comparison, `!`, `-a` and `-o`. */
export function evaluate(args: readonly string[], isFile: (kind: string, path: string) => boolean): boolean {
  const or = args.indexOf('-o');
  if (or > 0) return evaluate(args.slice(0, or), isFile) || evaluate(args.slice(or + 1), isFile);
  const and = args.indexOf('-a');
  if (and > 0) return evaluate(args.slice(0, and), isFile) && evaluate(args.slice(and + 1), isFile);
  if (args[0] === '!') return !evaluate(args.slice(1), isFile);
  if (args.length <= 1) return (args[0] ?? '') !== '';
  const [a, operator, b] = args as [string, string, string];
  if (args.length === 2) {
    if (a === '-n') return operator !== '';
    if (a === '-z') return operator === '';
    return isFile(a, operator);
  }
  switch (operator) {
    case '=':
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '-eq':
      return Number(a) === Number(b);
    case '-ne':
      return Number(a) !== Number(b);
    case '-lt':
      return Number(a) < Number(b);
    case '-le':
      return Number(a) <= Number(b);
    case '-gt':
      return Number(a) > Number(b);
    case '-ge':
      return Number(a) >= Number(b);
    default:
      return false;
  }
}
