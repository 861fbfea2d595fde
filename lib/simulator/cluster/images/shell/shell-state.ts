/** What one shell of a simulated container remembers, and how it ends. */
import { normalizePath } from '../container-files';
import type { ContainerView, Program } from '../image-behaviour';
import type { StandardInput } from './standard-input';
import type { Command } from './syntax';

/** Where a command reads and writes. */
export interface Streams {
  readonly stdin: StandardInput;
  /** A terminal: a shell that reads from it prompts. @default false */
  readonly terminal?: boolean;
  out(text: string): void;
  err(text: string): void;
}

/** A command that runs beside the script (`&`). */
export interface Job {
  readonly pid: number;
  readonly program: Program;
  /** Milliseconds until it goes on. */
  left: number;
}

/** What one shell remembers. */
export class ShellState {
  readonly variables = new Map<string, string>();
  readonly exported = new Set<string>();
  readonly traps = new Map<string, string>();
  readonly functions = new Map<string, Command>();
  /** Jobs in the background that have not ended. */
  readonly jobs: Job[] = [];
  lastJob = 1;
  workingDir: string;
  lastExit = 0;
  exitOnError = false;
  args: readonly string[] = [];

  constructor(readonly container: ContainerView) {
    this.workingDir = container.workingDir;
    for (const [name, value] of Object.entries(container.env)) {
      this.variables.set(name, value);
      this.exported.add(name);
    }
  }

  environment(): [string, string][] {
    return [...this.exported].map((name) => [name, this.variables.get(name) ?? '']);
  }

  resolvePath(path: string): string {
    return normalizePath(path.startsWith('/') ? path : `${this.workingDir}/${path}`);
  }
}

/** Thrown into a program whose terminal got ^C. */
export class InterruptSignal extends Error {
  override readonly name = 'InterruptSignal';
}

/** Thrown by `exit`. */
export class ExitSignal extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}
