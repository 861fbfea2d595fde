/** Containers whose command is a shell, or one of the small programs that come with one. */
import type { ContainerView, ExecResult, Program } from '../image-behaviour';
import { findCommand } from './commands';
import { INTERRUPTED, runScript, runToEnd, runWords } from './interpreter';
import { withJobs } from './jobs';
import { ExitSignal, InterruptSignal, ShellState, type Streams } from './shell-state';
import { StandardInput } from './standard-input';

const states = new WeakMap<Program, ShellState>();

/** The program of a command line; null when it names nothing that the shell has. */
export function startShell(
  container: ContainerView,
  command: readonly string[],
  streams: Streams = logging(container),
): Program | null {
  if (command.length === 0 || !findCommand(command[0]!)) return null;
  const state = new ShellState(container);
  const program = runWhole(command, state, streams);
  states.set(program, state);
  return program;
}

/** What a program does when it gets a signal: the handler that it has set with `trap`, or nothing. */
export function handlerOf(
  program: Program,
  signal: string,
): { readonly program: Program; readonly exits: boolean } | undefined {
  const state = states.get(program);
  const script = state?.traps.get(signal);
  if (!state || script === undefined) return undefined;
  return { program: runScript(script, state, logging(state.container)), exits: /\bexit\b/.test(script) };
}

/** Output becomes the container's log. */
export function logging(container: ContainerView, stdin = StandardInput.of('')): Streams {
  return { stdin, out: (text) => container.log(text), err: (text) => container.log(text, 'stderr') };
}

/** Runs a command inside a container to its end; no time passes. */
export function execInShell(container: ContainerView, command: readonly string[], stdin = ''): ExecResult {
  let stdout = '';
  let stderr = '';
  const streams: Streams = {
    stdin: StandardInput.of(stdin),
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
  };
  const exitCode = runToEnd(runWhole(command, new ShellState(container), streams));
  return { stdout, stderr, exitCode };
}

function* runWhole(command: readonly string[], state: ShellState, streams: Streams): Program {
  const code = yield* untilExit(withJobs(runWords(command, state, streams), state));
  const farewell = state.traps.get('EXIT') ?? state.traps.get('0');
  if (!farewell) return code;
  state.lastExit = code;
  yield* untilExit(runScript(farewell, state, streams));
  return code;
}

function* untilExit(program: Program): Program {
  try {
    return yield* program;
  } catch (signal) {
    if (signal instanceof ExitSignal) return signal.code;
    if (signal instanceof InterruptSignal) return INTERRUPTED;
    throw signal;
  }
}
