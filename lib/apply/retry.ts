/**
 * Which failures of a request pass by themselves, and when to try again.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ (429 and Retry-After)
 *
 * Everything that the engine sends may be sent twice: server-side apply states a goal, and a delete names the object by
 * its uid.
 */
import type { Clock } from '../clock';
import { StatusError } from '../kubernetes/status-error';
import { TransportError } from './transport';

const MAX_ATTEMPTS = 8;
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 8_000;

const TRANSIENT_REASONS = new Set(['TooManyRequests', 'ServiceUnavailable', 'ServerTimeout', 'Timeout']);

/** What the API server and etcd say of conditions that pass; there is no structured form of these. */
const TRANSIENT_MESSAGE =
  /failed calling webhook|conversion webhook .* failed|etcdserver: (leader changed|request timed out|.*no leader)|the object is being deleted/;

const TRANSIENT_CODES = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNREFUSED', 'EAI_AGAIN', 'UND_ERR_SOCKET']);

export function isTransient(error: unknown): boolean {
  if (error instanceof TransportError) return error.code === undefined || TRANSIENT_CODES.has(error.code);
  if (!(error instanceof StatusError)) return false;
  if (TRANSIENT_REASONS.has(error.reason) || error.code === 429 || error.code === 503 || error.code === 504)
    return true;
  // Two requests raced for the same quota object on the server.
  if (error.reason === 'Conflict' && error.details?.kind === 'resourcequotas') return true;
  return TRANSIENT_MESSAGE.test(error.message);
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Calls `attempt` until it succeeds, fails for good, or has failed eight times: 0.25 s, 0.5 s, 1 s, ... 8 s apart. */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (failures >= MAX_ATTEMPTS || options.signal?.aborted || !isTransient(error)) throw error;
      const asked = error instanceof StatusError ? error.details?.retryAfterSeconds : undefined;
      const backoff = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
      await sleep(options.clock, asked === undefined ? backoff : asked * 1000, options.signal);
    }
  }
}

/** Resolves after `ms`, or at once when the signal aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const wake = () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const timer = clock.after(ms, wake);
    const abort = () => {
      timer.cancel();
      wake();
    };
    signal?.addEventListener('abort', abort);
  });
}
