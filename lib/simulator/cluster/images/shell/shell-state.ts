/** What one shell of a simulated container remembers, and how it ends. */
import { normalizePath } from '../container-files';
import type { ContainerView } from '../image-behaviour';
import type { StandardInput } from './standard-input';

/** Where a command reads and writes. */
export interface Streams {
  readonly stdin: StandardInput;
  /** A terminal: a shell that reads from it prompts. @default false */
  readonly terminal?: boolean;
  out(text: string): void;
  err(text: string): void;
}

/** What one shell remembers. */
export class ShellState {
  readonly variables = new Map<string, string>();
  readonly exported = new Set<string>();
  readonly traps = new Map<string, string>();
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
