/**
 * Runs shell scripts inside a simulated container, one step after the other on the virtual clock.
 *
 * The two sides of a pipe run one after the other, each to its end; what jobs in the background (`&`) do is in jobs.ts.
 */
import { FileError } from '../container-files';
import type { Program } from '../image-behaviour';
import { findCommand } from './commands';
import {
  type ExpansionScope,
  expandDocument,
  expandPattern,
  expandText,
  expandWord,
  UnsetParameter,
} from './expansion';
import { filesMatching } from './file-patterns';
import { matchesPattern } from './patterns';
import { ExitSignal, InterruptSignal, type ShellState, type Streams } from './shell-state';
import { StandardInput } from './standard-input';
import { type Command, type List, type Pipeline, parseScript, type Redirect } from './syntax';
import { ShellSyntaxError } from './tokens';

class LoopSignal extends Error {
  constructor(readonly kind: 'break' | 'continue') {
    super(kind);
  }
}

class ReturnSignal extends Error {
  constructor(readonly code: number) {
    super(`return ${code}`);
  }
}

export const NOT_FOUND = 127;
/** 128 and the number of SIGINT. */
export const INTERRUPTED = 130;
/** A loop that never sleeps is given a rest of a second after so many rounds. */
const ROUNDS_WITHOUT_SLEEP = 1_000;

/** Runs a script to its end and answers with its exit code. @param exits whether `exit` ends more than this script */
export function* runScript(
  script: string,
  state: ShellState,
  streams: Streams,
  { exits = false }: { readonly exits?: boolean } = {},
): Program {
  let list: List;
  try {
    list = parseScript(script);
  } catch (error) {
    if (!(error instanceof ShellSyntaxError)) throw error;
    streams.err(`sh: ${error.message}\n`);
    return 2;
  }
  try {
    return yield* runList(list, state, streams);
  } catch (signal) {
    if (signal instanceof ExitSignal && !exits) return signal.code;
    if (signal instanceof LoopSignal) return 0;
    if (signal instanceof ReturnSignal) return signal.code;
    if (signal instanceof UnsetParameter) {
      streams.err(`sh: ${signal.message}\n`);
      throw new ExitSignal(2);
    }
    throw signal;
  }
}

/** Reads a script from the standard input line by line and runs each command as soon as it is complete. */
export function* runInput(state: ShellState, streams: Streams): Program {
  const prompt = (text: string) => {
    if (streams.terminal) streams.err(text);
  };
  let script = '';
  let code = 0;
  for (;;) {
    prompt(script === '' ? promptOf(state) : '> ');
    const line = yield* streams.stdin.line();
    script += line ?? '';
    if (line === undefined && script === '') return code;
    if (line !== undefined && isIncomplete(script)) continue;
    try {
      code = yield* runScript(script, state, streams, { exits: true });
    } catch (signal) {
      if (signal instanceof ExitSignal) return signal.code;
      if (!(signal instanceof InterruptSignal && streams.terminal)) throw signal;
      code = INTERRUPTED;
    }
    state.lastExit = code;
    script = '';
  }
}

const promptOf = (state: ShellState): string => `${state.workingDir} # `;

function isIncomplete(script: string): boolean {
  if (/(^|[^\\])\\\n$/.test(script)) return true;
  try {
    parseScript(script, { more: true });
    return false;
  } catch (error) {
    return error instanceof ShellSyntaxError && /unexpected end of file|unterminated quoted/.test(error.message);
  }
}

function* runList(list: List, state: ShellState, streams: Streams): Program {
  let code = 0;
  let skip = false;
  for (const { pipeline, then } of list) {
    if (!skip && then === '&') {
      state.lastJob++;
      state.jobs.push({ pid: state.lastJob, program: runJob(pipeline, state, streams), left: 0 });
      state.lastExit = 0;
      code = 0;
    } else if (!skip) {
      code = yield* runPipeline(pipeline, state, streams);
      state.lastExit = code;
      if (code !== 0 && state.exitOnError && then !== '&&' && then !== '||') throw new ExitSignal(code);
    }
    skip = (then === '&&' && code !== 0) || (then === '||' && code === 0);
  }
  return code;
}

/** A job is a shell of its own: its `exit` ends nobody else. */
function* runJob(pipeline: Pipeline, state: ShellState, streams: Streams): Program {
  try {
    return yield* runPipeline(pipeline, state, streams);
  } catch (signal) {
    if (signal instanceof ExitSignal) return signal.code;
    throw signal;
  }
}

function* runPipeline({ commands, negated }: Pipeline, state: ShellState, streams: Streams): Program {
  let { stdin } = streams;
  let code = 0;
  for (let i = 0; i < commands.length; i++) {
    const isLast = i === commands.length - 1;
    let written = '';
    const out = isLast
      ? streams.out
      : (text: string) => {
          written += text;
        };
    code = yield* runCommand(commands[i]!, state, { ...streams, stdin, out });
    stdin = StandardInput.of(written);
  }
  return negated ? Number(code === 0) : code;
}

function* runCommand(command: Command, state: ShellState, outer: Streams): Program {
  const streams = redirect(command.redirects, state, outer);
  if (!streams) return 1;
  switch (command.type) {
    case 'simple':
      return yield* runSimple(command.words, state, streams);
    case 'group':
      return yield* runList(command.body, state, streams);
    case 'if': {
      for (const { condition, body } of command.branches) {
        if ((yield* runList(condition, state, streams)) === 0) return yield* runList(body, state, streams);
      }
      return command.otherwise ? yield* runList(command.otherwise, state, streams) : 0;
    }
    case 'for': {
      const values = command.words.flatMap((word) => expandWord(word, scopeOf(state, streams)));
      return yield* loop(
        values[Symbol.iterator](),
        (value) => void state.variables.set(command.name, value),
        command.body,
        state,
        streams,
      );
    }
    case 'case': {
      const scope = scopeOf(state, streams);
      const word = expandText(command.word, scope);
      const matches = ({ patterns }: (typeof command.branches)[number]) =>
        patterns.some((each) => matchesPattern(word, expandPattern(each, scope)));
      const branch = command.branches.find(matches);
      return branch ? yield* runList(branch.body, state, streams) : 0;
    }
    case 'function':
      state.functions.set(command.name, command.body);
      return 0;
    case 'while': {
      const rounds = whileRounds(command.condition, command.until, state, streams);
      return yield* loop(rounds, () => {}, command.body, state, streams);
    }
  }
}

/** Asks the condition; a generator because the condition may sleep. */
function* askCondition(
  condition: List,
  until: boolean,
  state: ShellState,
  streams: Streams,
): Generator<number, boolean, void> {
  return ((yield* runList(condition, state, streams)) === 0) !== until;
}

interface WhileRounds {
  ask(): Generator<number, boolean, void>;
}

function whileRounds(condition: List, until: boolean, state: ShellState, streams: Streams): WhileRounds {
  return { ask: () => askCondition(condition, until, state, streams) };
}

function* loop(
  rounds: Iterator<string> | WhileRounds,
  enter: (value: string) => void,
  body: List,
  state: ShellState,
  streams: Streams,
): Program {
  let code = 0;
  for (let round = 1; ; round++) {
    if ('ask' in rounds) {
      if (!(yield* rounds.ask())) return code;
    } else {
      const next = rounds.next();
      if (next.done) return code;
      enter(next.value);
    }
    try {
      code = yield* runList(body, state, streams);
    } catch (signal) {
      if (!(signal instanceof LoopSignal)) throw signal;
      if (signal.kind === 'break') return 0;
    }
    if (round % ROUNDS_WITHOUT_SLEEP === 0) yield 1_000;
  }
}

function* runSimple(raw: readonly string[], state: ShellState, streams: Streams): Program {
  const scope = scopeOf(state, streams);
  let first = 0;
  const assignments: [string, string][] = [];
  for (; first < raw.length; first++) {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(raw[first]!);
    if (!match) break;
    assignments.push([match[1]!, expandText(match[2]!, scope)]);
  }
  const words = raw.slice(first).flatMap((word) => expandWord(word, scope));
  const before = assignments.map(([name]) => [name, state.variables.get(name)] as const);
  for (const [name, value] of assignments) state.variables.set(name, value);
  if (words.length === 0) return 0;
  try {
    return yield* runWords(words, state, streams);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) state.variables.delete(name);
      else state.variables.set(name, value);
    }
  }
}

/** Runs one command whose words are final: what a script's line or a container's own command comes down to. */
export function* runWords(words: readonly string[], state: ShellState, streams: Streams): Program {
  const [name, ...args] = words as [string, ...string[]];
  const body = state.functions.get(name);
  if (body) return yield* runFunction(body, args, state, streams);
  if (name === 'return') throw new ReturnSignal(args[0] === undefined ? state.lastExit : Number(args[0]) & 255);
  if (name === 'break' || name === 'continue') throw new LoopSignal(name);
  const command = findCommand(name);
  if (!command) {
    streams.err(`sh: ${name}: not found\n`);
    return NOT_FOUND;
  }
  try {
    const answer = command(args, { state, streams, runScript, runInput, runWords });
    return typeof answer === 'number' ? answer : yield* answer;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    streams.err(`${name}: ${error.message}\n`);
    return 1;
  }
}

function* runFunction(body: Command, args: readonly string[], state: ShellState, streams: Streams): Program {
  const before = state.args;
  state.args = args;
  try {
    return yield* runCommand(body, state, streams);
  } catch (signal) {
    if (signal instanceof ReturnSignal) return signal.code;
    throw signal;
  } finally {
    state.args = before;
  }
}

function scopeOf(state: ShellState, streams: Streams): ExpansionScope {
  return {
    variable(name) {
      if (name === '?') return String(state.lastExit);
      if (name === '$') return '1';
      if (name === '!') return String(state.lastJob);
      if (name === '0') return 'sh';
      if (name === '#') return String(state.args.length);
      if (name === '@' || name === '*') return state.args.join(' ');
      if (/^[1-9]$/.test(name)) return state.args[Number(name) - 1];
      return state.variables.get(name);
    },
    args: state.args,
    assign: (name, value) => void state.variables.set(name, value),
    glob: (pattern) => filesMatching(pattern, state),
    substitute(script) {
      let written = '';
      const program = runScript(script, state, {
        ...streams,
        out: (text) => {
          written += text;
        },
      });
      state.lastExit = runToEnd(program);
      return written;
    },
  };
}

/** Runs a program without letting time pass. One that would never end is cut off after a virtual day. */
export function runToEnd(program: Program): number {
  let slept = 0;
  for (;;) {
    const { done, value } = program.next();
    if (done) return value;
    slept += value;
    if (slept > 86_400_000) return 124;
  }
}

function redirect(redirects: readonly Redirect[], state: ShellState, outer: Streams): Streams | undefined {
  let { stdin, out, err } = outer;
  const { files } = state.container;
  for (const { descriptor, kind, target: raw, literal } of redirects) {
    if (kind === '<<') {
      stdin = StandardInput.of(literal ? raw : expandDocument(raw, scopeOf(state, outer)));
      continue;
    }
    if (kind === '<<<') {
      stdin = StandardInput.of(`${expandText(raw, scopeOf(state, outer))}\n`);
      continue;
    }
    const target = expandText(raw, scopeOf(state, outer));
    if (kind === '>&') {
      if (descriptor === 2 && target === '1') err = out;
      else if (descriptor === 1 && target === '2') out = err;
      continue;
    }
    if (target === '/dev/null') {
      if (kind === '<') stdin = StandardInput.of('');
      else if (descriptor === 2) err = () => {};
      else out = () => {};
      continue;
    }
    if (target === '/dev/stdout' || target === '/proc/1/fd/1') continue;
    if (target === '/dev/stderr' || target === '/proc/1/fd/2') {
      out = err;
      continue;
    }
    const path = state.resolvePath(target);
    try {
      if (kind === '<') {
        stdin = StandardInput.of(files.read(path));
        continue;
      }
      if (kind === '>') files.write(path, '');
      else files.append(path, '');
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const verb = kind === '<' ? 'open' : 'create';
      outer.err(`sh: can't ${verb} ${target}: ${error.message}\n`);
      return undefined;
    }
    const write = (text: string) => files.append(path, text);
    if (descriptor === 2) err = write;
    else out = write;
  }
  return { stdin, out, err };
}
