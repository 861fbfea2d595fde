/**
 * Renderers show the events of a run and decide nothing: one for terminals, one for logs, one for programs.
 */
import type { EnvironmentEvent } from '../../environment/events';

export interface Renderer {
  show(event: EnvironmentEvent): void;
  /** Called once, also after a failure: leaves the terminal as it should be. */
  close(): void;
}

export type OutputMode = 'auto' | 'tty' | 'plain' | 'json' | 'quiet';

export const OUTPUT_MODES: readonly OutputMode[] = ['auto', 'tty', 'plain', 'json', 'quiet'];

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}
