/**
 * How requests reach an API server. Two sorts exist: {@link HttpTransport} over the network, and an adapter to a simulated
 * cluster in the same process. Everything above sees raw JSON, as the server sent it: a typed client would drop the
 * fields that it does not know.
 */

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without host and query: `/apis/apps/v1/namespaces/shop/deployments/web`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string;
  /** @default application/json */
  readonly accept?: string;
}

export interface ApiResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: any;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: any;
}

export interface WatchRequest {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
}

export interface Transport {
  /**
   * Sends one request. An answer of the server, a failure Status too, is a response.
   * @throws TransportError when there was no answer.
   */
  request(request: ApiRequest, signal?: AbortSignal): Promise<ApiResponse>;
  /**
   * Opens a watch and yields its events until the server closes it or `signal` aborts; both end it normally.
   * @throws StatusError when the server refuses the watch, TransportError when the connection breaks.
   */
  watch(request: WatchRequest, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /** Ends connections that are kept open. */
  close(): void;
}

/** No answer: the connection was refused, reset, or never came about. */
export class TransportError extends Error {
  override readonly name = 'TransportError';

  constructor(
    message: string,
    /** Node's error code, e.g. `ECONNREFUSED`. */
    readonly code: string | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
