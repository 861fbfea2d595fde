/**
 * Calls that one request makes to servers outside of the simulation: webhooks of admission and of conversion.
 *
 * The API server is synchronous, so it cannot wait. A request that needs an answer which is not there yet is broken off by a
 * {@link PendingCall}; its door, which is asynchronous, makes the call, notes the answer here, and has the request handled
 * again from its start. Nothing is stored before all answers are there, and what was drawn by chance is drawn again, so the
 * second time the same questions come up and find their answers. See docs/decisions/011-webhooks-are-awaited-at-the-door.md.
 */

export interface OutboundCall {
  /** With the query. */
  readonly url: string;
  /** JSON. */
  readonly body: string;
  /** PEM of the authority that signed the server's certificate. @default those that the machine trusts */
  readonly caBundle?: string;
  readonly timeoutSeconds: number;
  /** What makes two calls the same: the body, but for what differs each time it is asked. */
  readonly question: string;
}

/** What came back, or why nothing did, in the words of Go's HTTP client. */
export type CallOutcome = { readonly status: number; readonly body: string } | { readonly error: string };

/** Thrown through everything up to the door. */
export class PendingCall extends Error {
  override readonly name = 'PendingCall';

  constructor(readonly call: OutboundCall) {
    super(`waiting for ${call.url}`);
  }
}

/** What one request has learned, and drawn, so far. Plain data: a journal may keep it. */
export interface RecordedCalls {
  readonly answers: readonly (readonly [question: string, outcome: CallOutcome])[];
  readonly draws: readonly number[];
}

export class OutboundCalls {
  readonly answers: Map<string, CallOutcome>;
  readonly draws: number[];

  constructor(recorded?: RecordedCalls) {
    this.answers = new Map(recorded?.answers);
    this.draws = [...(recorded?.draws ?? [])];
  }

  record(): RecordedCalls {
    return { answers: [...this.answers], draws: this.draws };
  }
}
