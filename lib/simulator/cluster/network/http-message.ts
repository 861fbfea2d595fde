/**
 * A request and its answer as the simulated network carries them: whole messages, no streams.
 */

export interface HttpRequest {
  /** @default GET */
  readonly method?: string;
  /** With the query, e.g. `/hostname?verbose=1`. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The address the request came from. */
  readonly clientIp?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A plain-text answer. */
export function textResponse(body: string, status = 200): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
