/**
 * A process inside a container that somebody talks to: `kubectl exec` starts one, `kubectl attach` joins the container's own.
 * https://kubernetes.io/docs/tasks/debug/debug-application/get-shell-running-container/
 *
 * A command runs on the virtual clock, and waits for input as long as somebody may still type.
 */
import { internalError } from '../../../kubernetes/status-error';
import { findCommand } from '../images/shell/commands';
import { startShell } from '../images/shell/program';
import { InterruptSignal } from '../images/shell/shell-state';
import { ProgramRunner, StandardInput } from '../images/shell/standard-input';
import type { ContainerRecord, Run } from './container-record';
import { inputChanged } from './container-starter';
import type { Session, SessionListener, SessionOptions } from './pod-access';
import type { PodWorker } from './pod-worker';
import { onTerminal, Terminal } from './terminal';

interface Target {
  readonly pod: PodWorker;
  readonly container: ContainerRecord;
  readonly run: Run;
}

/** @throws StatusError when the command is not in the image, or there is nothing to type into */
export function openSession(target: Target, options: SessionOptions, listener: SessionListener): Session {
  const shown = options.tty ? throughTerminal(listener) : listener;
  return options.command
    ? startCommand(target, { ...options, command: options.command }, shown)
    : attach(target, options, shown);
}

/** A terminal has one output for both. */
function throughTerminal(listener: SessionListener): SessionListener {
  const out = (text: string) => listener.out(onTerminal(text));
  return { out, err: out, ended: (code) => listener.ended(code) };
}

function startCommand(
  { pod, run }: Target,
  options: SessionOptions & { readonly command: readonly string[] },
  listener: SessionListener,
): Session {
  const { command, stdin, tty } = options;
  const { behaviour, view } = run;
  const known = behaviour.exec?.(command, view);
  if (known) {
    listener.out(known.stdout);
    listener.err(known.stderr);
    listener.ended(known.exitCode);
    return NOBODY;
  }
  if (!findCommand(command[0]!)) throw internalError(notInImage(run, command[0]!));
  const input = stdin ? StandardInput.open() : StandardInput.of('');
  const streams = { stdin: input, out: listener.out, err: listener.err, terminal: tty };
  const after = (ms: number, callback: () => void) => {
    const timer = pod.after(ms, callback, true);
    return () => pod.cancel(timer);
  };
  const runner = new ProgramRunner(startShell(view, command, streams)!, input, after, (code) => {
    stopWatchingEnd();
    listener.ended(code);
  });
  // When the container ends, so does everything in it.
  const stopWatchingEnd = run.log.follow({
    written: () => {},
    ended: () => {
      runner.stop();
      listener.ended(KILLED);
    },
  });
  runner.step();
  return inputTo(input, listener, tty, {
    changed: () => runner.wake(),
    interrupt: () => runner.interrupt(new InterruptSignal()),
    stop: () => {
      stopWatchingEnd();
      runner.stop();
    },
  });
}

const KILLED = 137;

const NOBODY: Session = { write: () => {}, endInput: () => {}, resize: () => {}, stop: () => {} };

function notInImage({ containerId }: Run, name: string): string {
  const cause = name.includes('/') ? `stat ${name}: no such file or directory` : 'executable file not found in $PATH';
  return `error executing command in container: failed to exec in container: failed to start exec "${containerId}": OCI runtime exec failed: exec failed: unable to start container process: exec: "${name}": ${cause}`;
}

function attach({ pod, container, run }: Target, { stdin, tty }: SessionOptions, listener: SessionListener): Session {
  const stopFollowing = run.log.follow({
    written: ({ stream, text, partial }) => {
      const whole = partial ? text : `${text}\n`;
      if (stream === 'stdout') listener.out(whole);
      else listener.err(whole);
    },
    ended: () => listener.ended(undefined),
  });
  const { input } = run;
  if (!stdin || !input) return { ...NOBODY, stop: stopFollowing };
  return inputTo(input, listener, tty && container.spec.tty === true, {
    changed: () => inputChanged(pod, container, run),
    interrupt: () => {},
    stop: () => {
      stopFollowing();
      if (!container.spec.stdinOnce) return;
      input.end();
      inputChanged(pod, container, run);
    },
  });
}

interface InputEffects {
  readonly changed: () => void;
  readonly interrupt: () => void;
  readonly stop: () => void;
}

function inputTo(input: StandardInput, listener: SessionListener, tty: boolean, effects: InputEffects): Session {
  const write = (text: string) => {
    input.write(text);
    effects.changed();
  };
  const endInput = () => {
    input.end();
    effects.changed();
  };
  const { interrupt, stop } = effects;
  const terminal = tty ? new Terminal({ echo: listener.out, line: write, end: endInput, interrupt }) : undefined;
  return {
    write: terminal ? (text) => terminal.type(text) : write,
    endInput,
    // The simulated programs do not draw.
    resize: () => {},
    stop,
  };
}
