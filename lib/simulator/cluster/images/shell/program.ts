/** Containers whose command is a shell, or one of the small programs that come with one. */
import type { ContainerView, ExecResult, Program } from '../image-behaviour';
import { findCommand } from './commands';
import { runScript, runToEnd, runWords } from './interpreter';
import { ExitSignal, ShellState, type Streams } from './shell-state';

const states = new WeakMap<Program, ShellState>();

/** The program of a command line; null when it names nothing that the shell has. */
export function startShell(container: ContainerView, command: readonly string[]): Program | null {
  if (command.length === 0 || !findCommand(command[0]!)) return null;
  const state = new ShellState(container);
  const program = runWhole(command, state, logging(container));
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

function logging(container: ContainerView): Streams {
  return { stdin: '', out: (text) => container.log(text), err: (text) => container.log(text, 'stderr') };
}

/** Runs a command inside a container to its end; no time passes. */
export function execInShell(container: ContainerView, command: readonly string[], stdin = ''): ExecResult {
  let stdout = '';
  let stderr = '';
  const streams: Streams = {
    stdin,
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
  try {
    return yield* runWords(command, state, streams);
  } catch (signal) {
    if (signal instanceof ExitSignal) return signal.code;
    throw signal;
  }
}
