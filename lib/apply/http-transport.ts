/**
 * Requests over HTTPS, on connections that are kept open: to open one per request would cost more than the request.
 *
 * A watch is one long answer, a JSON document per line. The server sends a bookmark about once a minute, so a stream that
 * is silent for longer is dead, however alive the connection looks; it is ended here, and the caller opens another one.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { createGunzip } from 'node:zlib';
import { type Status, StatusError } from '../kubernetes/status-error';
import { type ApiRequest, type ApiResponse, type Transport, TransportError, type WatchEvent } from './transport';

export interface HttpTransportOptions {
  /** Where the API server is: `https://host:port`, possibly with a path before that of the API. */
  readonly server: string;
  /** PEM of the authority that signed the server's certificate. @default those that Node.js knows */
  readonly certificateAuthority?: string;
  /** The name in the server's certificate, when it is not the host of `server`. */
  readonly tlsServerName?: string;
  /** Believe any certificate. For experiments only. @default false */
  readonly insecureSkipTlsVerify?: boolean;
  /** PEM, with `clientKey`, of a certificate that says who we are. */
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /**
   * A bearer token, or where to get one. It is asked before each request and should remember its answer; `renew` says
   * that the server refused the last one.
   */
  readonly token?: string | ((renew: boolean) => string | Promise<string>);
  /** @default drydock */
  readonly userAgent?: string;
  /** Without an answer for so long, a request has failed. @default 60000 */
  readonly timeoutMs?: number;
  /** Without a line for so long, a watch is dead. @default 120000 */
  readonly watchIdleMs?: number;
}

const MAX_CONNECTIONS = 64;

export function httpTransport(options: HttpTransportOptions): Transport {
  const connection = new Connection(options);
  return {
    request: (request, signal) => connection.request(request, signal),
    watch: ({ path, query }, signal) => connection.watch({ method: 'GET', path, query }, signal),
    close: () => connection.close(),
  };
}

class Connection {
  private readonly server: URL;
  private readonly agent: http.Agent;

  constructor(private readonly options: HttpTransportOptions) {
    this.server = new URL(options.server);
    const pool = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
    this.agent =
      this.server.protocol === 'http:'
        ? new http.Agent(pool)
        : new https.Agent({
            ...pool,
            ca: options.certificateAuthority,
            cert: options.clientCertificate,
            key: options.clientKey,
            servername: options.tlsServerName,
            rejectUnauthorized: !options.insecureSkipTlsVerify,
          });
  }

  async request(request: ApiRequest, signal?: AbortSignal): Promise<ApiResponse> {
    const answer = await this.authorized(request, signal);
    const text = await readText(answer);
    return { status: answer.statusCode ?? 0, headers: headersOf(answer), body: parse(text) };
  }

  async *watch(request: ApiRequest, signal: AbortSignal): AsyncIterable<WatchEvent> {
    if (signal.aborted) return;
    try {
      const answer = await this.authorized(request, signal);
      if ((answer.statusCode ?? 0) >= 400) throw refusal(answer.statusCode!, parse(await readText(answer)));
      const idle = this.options.watchIdleMs ?? 120_000;
      answer.setTimeout(idle, () => answer.destroy());
      for await (const line of linesOf(answer)) {
        if (signal.aborted) return;
        yield JSON.parse(line);
      }
    } catch (error) {
      // An ended stream and an aborted one end the loop; the caller decides whether to go on.
      if (signal.aborted || (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return;
      throw error;
    }
  }

  close(): void {
    this.agent.destroy();
  }

  /** Sends the request, and once more with a new token when the server does not accept the first. */
  private async authorized(request: ApiRequest, signal?: AbortSignal): Promise<http.IncomingMessage> {
    const { token } = this.options;
    if (typeof token !== 'function') return this.send(request, token, signal);
    const answer = await this.send(request, await token(false), signal);
    if (answer.statusCode !== 401) return answer;
    answer.resume();
    return this.send(request, await token(true), signal);
  }

  private send(request: ApiRequest, token: string | undefined, signal?: AbortSignal): Promise<http.IncomingMessage> {
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const url = this.urlOf(request);
    const headers: http.OutgoingHttpHeaders = {
      accept: request.accept ?? 'application/json',
      'accept-encoding': 'gzip',
      'user-agent': this.options.userAgent ?? 'drydock',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'content-type': request.contentType ?? 'application/json', 'content-length': body.length } : {}),
    };
    const client = url.protocol === 'http:' ? http : https;
    return new Promise((resolve, reject) => {
      const sent = client.request(url, { method: request.method, headers, agent: this.agent, signal }, resolve);
      sent.setTimeout(this.options.timeoutMs ?? 60_000, () => {
        sent.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const message = `${request.method} ${url.origin}${url.pathname}: ${error.message || error.code}`;
        reject(new TransportError(message, error.code, { cause: error }));
      });
      sent.end(body);
    });
  }

  private urlOf({ path, query = {} }: ApiRequest): URL {
    const url = new URL(this.server);
    url.pathname = `${this.server.pathname.replace(/\/$/, '')}${path}`;
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, value);
    return url;
  }
}

function decoded(answer: http.IncomingMessage): NodeJS.ReadableStream {
  return answer.headers['content-encoding'] === 'gzip' ? answer.pipe(createGunzip()) : answer;
}

async function readText(answer: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of decoded(answer)) chunks.push(chunk as Buffer);
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    throw new TransportError(`the answer broke off: ${message}`, code === 'ABORT_ERR' ? code : 'ECONNRESET', {
      cause: error,
    });
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function* linesOf(answer: http.IncomingMessage): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of decoded(answer)) {
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') yield line;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Proxies and crashed servers answer in prose.
    return text;
  }
}

function refusal(status: number, body: any): StatusError {
  if (body?.kind === 'Status') return StatusError.from(body as Status);
  return new StatusError(status, '', typeof body === 'string' && body !== '' ? body : `HTTP ${status}`);
}

function headersOf(answer: http.IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
