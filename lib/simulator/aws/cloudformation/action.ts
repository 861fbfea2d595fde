/**
 * One step of one resource in virtual time: begin, wait at least as long as the type says, then ask until it has ended.
 */

import type { Simulation } from '../../simulation';
import { AwsError } from '../aws-error';

/** Between being told and doing: what lies between a resource's first two events. */
const START_MS = 1_000;
const POLL_MS = 5_000;
const RETRY_MS = 10_000;
/** "Something still uses it": what a delete may wait for. */
const IN_USE = /^(DependencyViolation|ResourceInUseException|ResourceInUse|DeleteConflict)$/;

export interface Action {
  /** At least this long, milliseconds. */
  readonly latency: number;
  begin(): void;
  settled(): boolean;
  /** Milliseconds during which a `begin` that meets "still in use" is repeated. */
  readonly patience?: number;
  done(error?: Error): void;
}

/** Runs the action; the result cancels it. */
export function runAction({ clock }: Simulation, action: Action): () => void {
  let cancelled = false;
  const started = clock.now();
  const at = (delay: number, callback: () => void) =>
    clock.after(delay, () => {
      if (!cancelled) callback();
    });
  const attempt = (step: () => void) => {
    try {
      step();
    } catch (error) {
      action.done(error as Error);
    }
  };
  const poll = () =>
    attempt(() => {
      if (action.settled()) action.done();
      else at(POLL_MS, poll);
    });
  const begin = () =>
    attempt(() => {
      try {
        action.begin();
      } catch (error) {
        const waited = clock.now() - started;
        if (!(error instanceof AwsError && IN_USE.test(error.code) && waited < (action.patience ?? 0))) throw error;
        at(RETRY_MS, begin);
        return;
      }
      at(Math.max(0, action.latency - START_MS), poll);
    });
  at(START_MS, begin);
  return () => {
    cancelled = true;
  };
}
