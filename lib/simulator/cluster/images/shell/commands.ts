/**
 * The programs that a shell in a simulated container finds: its built-ins and the usual small tools, with the options
 * that examples use. A new one is a function and one line in a table.
 */
import type { Program } from '../image-behaviour';
import { archiveCommands } from './archive-commands';
import { fileCommands } from './file-commands';
import { networkCommands } from './network-commands';
import { ExitSignal, type ShellState, type Streams } from './shell-state';
import { textCommands } from './text-commands';

export interface CommandContext {
  readonly state: ShellState;
  readonly streams: Streams;
  runScript(script: string, state: ShellState, streams: Streams): Program;
  /** Runs what comes on the standard input, line by line. */
  runInput(state: ShellState, streams: Streams): Program;
  runWords(words: readonly string[], state: ShellState, streams: Streams): Program;
}

/** Answers with an exit code, or is a program that takes time. */
export type ShellCommand = (args: readonly string[], context: CommandContext) => number | Program;

const shell: ShellCommand = (args, context) => shellProgram(args, context);

const builtIns: Readonly<Record<string, ShellCommand>> = {
  sh: shell,
  ash: shell,
  bash: shell,
  dash: shell,
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  exit([code], { state }) {
    throw new ExitSignal(code === undefined ? state.lastExit : Number(code) & 255);
  },
  *exec(args, { state, streams, runWords }) {
    if (args.length === 0) return 0;
    throw new ExitSignal(yield* runWords(args, state, streams));
  },
  *sleep(args, { streams }) {
    let total = 0;
    for (const arg of args) {
      const match = /^(\d+(?:\.\d+)?|inf(?:inity)?)([smhd]?)$/.exec(arg);
      if (!match) {
        streams.err(`sleep: invalid number '${arg}'\n`);
        return 1;
      }
      const unit = { '': 1, s: 1, m: 60, h: 3600, d: 86400 }[match[2]!]!;
      total += match[1]!.startsWith('inf') ? Number.POSITIVE_INFINITY : Number(match[1]) * unit * 1000;
    }
    yield total;
    return 0;
  },
  export(args, { state }) {
    for (const arg of args) {
      const [name, ...value] = arg.split('=');
      if (value.length > 0) state.variables.set(name!, value.join('='));
      state.exported.add(name!);
    }
    return 0;
  },
  *read(args, { state, streams }) {
    const line = yield* streams.stdin.line();
    const names = args.filter((arg) => !arg.startsWith('-'));
    const words = (line ?? '').trim().split(/\s+/);
    // The last name takes what is left.
    names.forEach((name, i) => {
      state.variables.set(name, i === names.length - 1 ? words.slice(i).join(' ') : (words[i] ?? ''));
    });
    return line?.endsWith('\n') ? 0 : 1;
  },
  unset(args, { state }) {
    for (const name of args) {
      state.variables.delete(name);
      state.exported.delete(name);
    }
    return 0;
  },
  set(args, { state }) {
    const dashes = args.indexOf('--');
    if (dashes >= 0) state.args = args.slice(dashes + 1);
    for (const arg of dashes >= 0 ? args.slice(0, dashes) : args) {
      if (/^-\w*e/.test(arg)) state.exitOnError = true;
      if (/^\+\w*e/.test(arg)) state.exitOnError = false;
    }
    return 0;
  },
  trap([script, ...signals], { state }) {
    for (const signal of signals) state.traps.set(signal.replace(/^SIG/, ''), script === '-' ? '' : script!);
    return 0;
  },
  cd([path = '/root'], { state, streams }) {
    const target = state.resolvePath(path);
    if (!state.container.files.isDirectory(target)) {
      streams.err(`sh: cd: can't cd to ${path}: No such file or directory\n`);
      return 2;
    }
    state.workingDir = target;
    return 0;
  },
  pwd: (_args, { state, streams }) => print(streams, `${state.workingDir}\n`),
  *wait(pids, { state }) {
    const isAwaited = ({ pid }: { readonly pid: number }) => pids.length === 0 || pids.includes(String(pid));
    for (let jobs = state.jobs.filter(isAwaited); jobs.length > 0; jobs = state.jobs.filter(isAwaited)) {
      yield Math.max(1, Math.min(...jobs.map(({ left }) => left)));
    }
    return 0;
  },
  kill(args, { state, streams }) {
    const [pid = ''] = args.filter((arg) => !arg.startsWith('-'));
    const at = state.jobs.findIndex((job) => String(job.pid) === pid);
    if (at < 0) {
      // The shell itself does not heed signals that it does not handle.
      if (pid === '1') return 0;
      streams.err(`sh: can't kill pid ${pid}: No such process\n`);
      return 1;
    }
    if (!args.includes('-0')) state.jobs.splice(at, 1);
    return 0;
  },
  shift([count = '1'], { state }) {
    state.args = state.args.slice(Number(count));
    return 0;
  },
  local: assign,
  readonly: assign,
  declare: assign,
  eval: (args, { state, streams, runScript }) => runScript(args.join(' '), state, streams),
  env: environment,
  printenv(args, { state, streams }) {
    if (args.length === 0) return environment([], { state, streams } as CommandContext);
    let missing = 0;
    for (const name of args) {
      const value = state.exported.has(name) ? state.variables.get(name) : undefined;
      if (value === undefined) missing = 1;
      else streams.out(`${value}\n`);
    }
    return missing;
  },
  hostname: (_args, { state, streams }) => print(streams, `${state.container.hostName}\n`),
  whoami(_args, { state, streams }) {
    const { userId } = state.container;
    if (userId === 0) return print(streams, 'root\n');
    streams.err(`whoami: unknown uid ${userId}\n`);
    return 1;
  },
  id(args, { state, streams }) {
    const { userId, groupId, groups } = state.container;
    if (args[0] === '-u') return print(streams, `${userId}\n`);
    if (args[0] === '-g') return print(streams, `${groupId}\n`);
    const named = (id: number) => (id === 0 ? '0(root)' : String(id));
    const all = [groupId, ...groups].map(named).join(',');
    const wheel = userId === 0 && groups.length === 0 ? ',10(wheel)' : '';
    return print(streams, `uid=${named(userId)} gid=${named(groupId)} groups=${all}${wheel}\n`);
  },
  uname: (args, { state, streams }) =>
    print(streams, args.includes('-a') ? `Linux ${state.container.hostName} 6.12.46 x86_64 Linux\n` : 'Linux\n'),
  nproc: (_args, { streams }) => print(streams, '2\n'),
  date(args, { state, streams }) {
    return print(streams, `${formatDate(new Date(state.container.now()), args)}\n`);
  },
};

function assign(args: readonly string[], { state }: CommandContext): number {
  for (const arg of args) {
    const [name, ...value] = arg.split('=');
    if (value.length > 0) state.variables.set(name!, value.join('='));
  }
  return 0;
}

function print(streams: Streams, text: string): number {
  streams.out(text);
  return 0;
}

function environment(args: readonly string[], { state, streams }: CommandContext): number {
  if (args.length > 0 && !args[0]!.includes('=')) {
    streams.err(`env: can't execute '${args[0]}': No such file or directory\n`);
    return 127;
  }
  for (const [name, value] of state.environment()) streams.out(`${name}=${value}\n`);
  return 0;
}

/** `sh -c 'script' [name args...]`, `sh file`, or a script on the standard input. */
function* shellProgram(args: readonly string[], { state, streams, runScript, runInput }: CommandContext): Program {
  let at = 0;
  let isCommand = false;
  for (; at < args.length && /^[-+]\w/.test(args[at]!); at++) {
    if (args[at]!.includes('c')) isCommand = true;
    if (args[at]!.includes('e')) state.exitOnError = true;
  }
  const [first, ...rest] = args.slice(at);
  if (isCommand) {
    state.args = rest.slice(1);
    return yield* runScript(first ?? '', state, streams);
  }
  if (first === undefined) return yield* runInput(state, streams);
  const file = state.container.files.tryRead(state.resolvePath(first));
  if (!file) {
    streams.err(`sh: can't open '${first}': No such file or directory\n`);
    return 2;
  }
  state.args = rest;
  return yield* runScript(file.text, state, streams);
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function formatDate(date: Date, args: readonly string[]): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const fields: Record<string, string> = {
    Y: String(date.getUTCFullYear()),
    m: two(date.getUTCMonth() + 1),
    d: two(date.getUTCDate()),
    H: two(date.getUTCHours()),
    M: two(date.getUTCMinutes()),
    S: two(date.getUTCSeconds()),
    s: String(Math.floor(date.getTime() / 1000)),
    a: DAYS[date.getUTCDay()]!,
    b: MONTHS[date.getUTCMonth()]!,
    e: String(date.getUTCDate()).padStart(2, ' '),
    Z: 'UTC',
    N: String(date.getTime() % 1000)
      .padStart(3, '0')
      .padEnd(9, '0'),
  };
  fields.F = `${fields.Y}-${fields.m}-${fields.d}`;
  fields.T = `${fields.H}:${fields.M}:${fields.S}`;
  const iso = args.find((arg) => arg.startsWith('-I'));
  if (iso) return iso === '-I' ? fields.F : `${fields.F}T${fields.T}+00:00`;
  const format = args.find((arg) => arg.startsWith('+'))?.slice(1) ?? '%a %b %e %T %Z %Y';
  return format.replace(/%(\w)/g, (whole, letter: string) => fields[letter] ?? whole);
}

const commands: Readonly<Record<string, ShellCommand>> = {
  ...builtIns,
  ...textCommands,
  ...fileCommands,
  ...archiveCommands,
  ...networkCommands,
};

/** By name, or by the usual paths (`/bin/sh`). */
export function findCommand(name: string): ShellCommand | undefined {
  const plain = name.replace(/^(\/usr)?(\/local)?\/s?bin\//, '');
  if (plain === 'busybox') return (args, context) => context.runWords(args, context.state, context.streams);
  return Object.hasOwn(commands, plain) ? commands[plain] : undefined;
}
