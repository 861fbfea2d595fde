/**
 * The socket end of the API server: the only asynchronous part. It collects a request, has the door answer it while virtual
 * time stands where the wall says, and keeps watches fed.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/
 *
 * A slow watcher costs nothing: it is asked to take more only when it has taken what it was given, and what it missed
 * meanwhile lies in the store's log.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { UserError } from '../../../kubernetes/user-error';
import type { ApiServer } from '../api-server/api-server';
import { OutboundCalls, PendingCall } from '../api-server/outbound/outbound-calls';
import type { PodLog } from '../kubelet/pod-access';
import { BODY_LIMIT, tooLarge } from './body';
import { Door, type DoorOptions, type HttpRequest, type SettledAnswer, type TextAnswer } from './door';
import { callOutside } from './outbound-caller';
import { refuseUpgrade, upgradeConnection } from './streams/upgrade';
import type { WatchAnswer } from './watch-answer';

export interface ListenerOptions extends Omit<DoorOptions, 'serverAddress'> {
  readonly host?: string;
  /** 0 chooses a free one. */
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly clientCa: string };
  /** Runs the work of one request with virtual time where it should be; see Pacer.serve. @default just runs it */
  readonly serve?: <T>(work: () => T) => T;
  /** Told about every request that may change something, before it is answered. */
  readonly beforeChange?: (request: HttpRequest) => void;
  /** Calls back after so many wall milliseconds; the returned function cancels. */
  readonly later: (ms: number, callback: () => void) => () => void;
}

export interface Listener {
  readonly door: Door;
  readonly host: string;
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** From which size on an answer is compressed, as in the real server. */
const GZIP_FROM = 128 * 1024;
const BOOKMARK_EVERY_MS = 60_000;
/** A watcher that takes nothing for so long is not there any more. */
const SLOW_WATCHER_MS = 60_000;
/** As the real server has them: for the head of a request, for all of it, and between two requests of a connection. */
const TIMEOUTS = { headersTimeout: 32_000, requestTimeout: 60_000, keepAliveTimeout: 90_000 };
/** So much may wait for a slow reader; then it gets no more until it has read. */
const HIGH_WATER_BYTES = 64 * 1024;
/** Of Go's HTTP server. */
const MAX_HEADER_BYTES = 1024 * 1024;
/** Webhooks outside that one request may ask. */
const MAX_CALLS = 200;
/** What a watch without a timeout gets, in seconds: the real server draws from 1800 to 3600. */
const WATCH_SECONDS = 2700;

/** @throws UserError when the port is in use. */
export async function listen(server: ApiServer, options: ListenerOptions): Promise<Listener> {
  const { host = HOST, tls } = options;
  const handler = (request: IncomingMessage, response: ServerResponse) => void connection.handle(request, response);
  const limits = { ...TIMEOUTS, maxHeaderSize: MAX_HEADER_BYTES, highWaterMark: HIGH_WATER_BYTES };
  const sockets = new Set<Socket>();
  const http: Server = tls
    ? createTlsServer(
        {
          ...limits,
          cert: tls.certificate,
          key: tls.key,
          ca: tls.clientCa,
          requestCert: true,
          rejectUnauthorized: false,
        },
        handler,
      )
    : createServer(limits, handler);
  http.on('clientError', refuseNonsense);
  http.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  await bind(http, host, options.port);
  const { port } = http.address() as AddressInfo;
  const door = new Door(server, { ...options, serverAddress: `${host}:${port}` });
  const connection = new Requests(door, options);
  http.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    void connection.upgrade(incoming, socket, head);
  });
  return {
    door,
    host,
    port,
    url: `${tls ? 'https' : 'http'}://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function bind(http: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return reject(error);
      const why = error.code === 'EADDRINUSE' ? 'is already in use' : 'may not be opened by this user';
      reject(
        new UserError(
          'PortInUse',
          `port ${port} ${why}`,
          'Choose another one with --port, or --port 0 for any free one.',
        ),
      );
    });
    http.listen(port, host, () => {
      http.removeAllListeners('error');
      resolve();
    });
  });
}

/** Whoever needs so many answers for one request asks something new each time. */
function tooManyCalls(): TextAnswer {
  const message = 'request did not complete within requested timeout - context deadline exceeded';
  const failure = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'Timeout' };
  const headers = { 'content-type': 'application/json' };
  return { status: 504, headers, body: JSON.stringify({ ...failure, details: {}, code: 504 }) };
}

class Requests {
  constructor(
    private readonly door: Door,
    private readonly options: ListenerOptions,
  ) {}

  async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    outgoing.on('error', () => outgoing.destroy());
    const body = await readBody(incoming);
    if (outgoing.destroyed || body === 'aborted') return;
    if (body === 'too large') {
      const { code, message, reason } = tooLarge();
      const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
      const headers = { 'content-type': 'application/json', connection: 'close' };
      send(incoming, outgoing, { status: code, headers, body: JSON.stringify(status) });
      return;
    }
    const serve = this.options.serve ?? ((work) => work());
    const answer = await this.answer(this.requestOf(incoming, body), serve);
    if (outgoing.destroyed) return;
    if ('log' in answer) followLog(answer.log, outgoing, serve);
    else if ('watch' in answer) this.stream(answer.watch, answer.warnings, outgoing);
    else send(incoming, outgoing, answer);
  }

  /** Handles the request as often as it takes until all webhooks outside that it needs have answered. */
  private async answer(bare: HttpRequest, serve: NonNullable<ListenerOptions['serve']>): Promise<SettledAnswer> {
    const calls = new OutboundCalls();
    const request = { ...bare, calls };
    for (;;) {
      if (calls.answers.size > MAX_CALLS) return tooManyCalls();
      const answer = serve(() => {
        if (request.method !== 'GET' && request.method !== 'HEAD') this.options.beforeChange?.(request);
        return this.door.answer(request);
      });
      if (!('pending' in answer)) return answer;
      calls.answers.set(answer.pending.question, await callOutside(answer.pending, this.options.later));
    }
  }

  async upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const serve = this.options.serve ?? ((work) => work());
    socket.on('error', () => socket.destroy());
    const calls = new OutboundCalls();
    const request = { ...this.requestOf(incoming, new Uint8Array()), calls };
    for (;;) {
      const wanted = serve(() => this.door.upgrade(request));
      if (!wanted) return this.ignoreUpgrade(incoming, socket);
      if (!('pending' in wanted)) {
        if ('status' in wanted) refuseUpgrade(socket, wanted);
        else upgradeConnection(incoming, socket, head, wanted, serve);
        return;
      }
      if (calls.answers.size > MAX_CALLS) return refuseUpgrade(socket, tooManyCalls());
      calls.answers.set(wanted.pending.question, await callOutside(wanted.pending, this.options.later));
    }
  }

  /** Whoever offers another protocol where there is none gets the answer to the request (as HTTP says). */
  private ignoreUpgrade(incoming: IncomingMessage, socket: Duplex): void {
    const outgoing = new ServerResponse(incoming);
    outgoing.assignSocket(socket as Socket);
    outgoing.shouldKeepAlive = false;
    outgoing.on('finish', () => socket.end());
    void this.handle(incoming, outgoing);
  }

  private requestOf(incoming: IncomingMessage, body: Uint8Array): HttpRequest {
    const [path = '/', query = ''] = splitOnce(incoming.url ?? '/', '?');
    const certificate = certificateOf(incoming) ?? this.requestedCertificateOf(incoming);
    return {
      method: incoming.method ?? 'GET',
      path,
      query: new URLSearchParams(query),
      headers: incoming.headers as Record<string, string | undefined>,
      body,
      ...(certificate ? { certificate } : {}),
    };
  }

  /** A certificate that the cluster has signed itself: the TLS layer does not know that authority. */
  private requestedCertificateOf({ socket }: IncomingMessage): HttpRequest['certificate'] {
    const tls = socket as TLSSocket;
    const raw = tls.encrypted && !tls.authorized ? tls.getPeerCertificate()?.raw : undefined;
    const subject = raw && this.door.server.identifyCertificate(raw);
    return subject && { ...subject, fingerprint: fingerprintOf(raw) };
  }

  private stream(watch: WatchAnswer, warnings: readonly string[], outgoing: ServerResponse): void {
    outgoing.statusCode = 200;
    outgoing.setHeader('content-type', watch.contentType);
    outgoing.setHeader('cache-control', 'no-cache, private');
    if (warnings.length > 0)
      outgoing.setHeader(
        'warning',
        warnings.map((text) => `299 - "${text}"`),
      );
    outgoing.flushHeaders();
    feed(watch, outgoing, this.options.later, (calls, work) => this.door.server.outbound.during(calls, work));
  }
}

function followLog(log: PodLog, outgoing: ServerResponse, serve: NonNullable<ListenerOptions['serve']>): void {
  outgoing.statusCode = 200;
  outgoing.setHeader('content-type', 'text/plain');
  outgoing.flushHeaders();
  if (log.text !== '') outgoing.write(log.text);
  const stop = serve(() =>
    log.follow(
      (text) => outgoing.write(text),
      () => outgoing.end(),
    ),
  );
  outgoing.on('close', stop);
}

/** Writes what is new whenever there is something new and the client has taken what came before. */
function feed(
  watch: WatchAnswer,
  outgoing: ServerResponse,
  later: ListenerOptions['later'],
  during: <T>(calls: OutboundCalls, work: () => T) => T,
): void {
  let asked = false;
  let cancelPatience = () => {};
  let calls = new OutboundCalls();
  /** New lines; undefined while a webhook that converts objects is being asked: then comes another flush. */
  const linesOf = (): Buffer | undefined => {
    try {
      const lines = during(calls, () => watch.lines());
      if (calls.answers.size > 0) calls = new OutboundCalls();
      return lines;
    } catch (error) {
      if (!(error instanceof PendingCall)) throw error;
      asked = true;
      void callOutside(error.call, later).then((outcome) => {
        calls.answers.set(error.call.question, outcome);
        flush();
      });
      return undefined;
    }
  };
  const flush = () => {
    asked = false;
    if (outgoing.destroyed || outgoing.writableEnded || outgoing.writableNeedDrain) return;
    cancelPatience();
    for (let lines = linesOf(); lines === undefined || lines.length > 0; lines = linesOf()) {
      if (lines === undefined) return;
      if (outgoing.write(lines)) continue;
      cancelPatience = later(SLOW_WATCHER_MS, () => outgoing.destroy());
      break;
    }
    if (watch.ended) outgoing.end();
  };
  const unsubscribe = watch.watch.onChange(() => {
    if (asked) return;
    asked = true;
    setImmediate(flush);
  });
  const end = later((watch.options.timeoutSeconds ?? WATCH_SECONDS) * 1000, () => {
    flush();
    outgoing.end(watch.bookmarkLine());
  });
  let cancelBookmark = () => {};
  const bookmark = () => {
    flush();
    if (!outgoing.writableNeedDrain) outgoing.write(watch.bookmarkLine());
    cancelBookmark = later(BOOKMARK_EVERY_MS, bookmark);
  };
  cancelBookmark = later(BOOKMARK_EVERY_MS, bookmark);
  outgoing.on('drain', flush);
  outgoing.on('close', () => {
    unsubscribe();
    cancelPatience();
    end();
    cancelBookmark();
  });
  flush();
}

/** The rest of what is too large is not read; what breaks off in the middle is no request, however much sense it makes. */
function readBody(incoming: IncomingMessage): Promise<Uint8Array | 'too large' | 'aborted'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT) chunks.push(chunk);
      else resolve('too large');
    });
    incoming.on('end', () => resolve(incoming.complete ? Buffer.concat(chunks) : 'aborted'));
    incoming.on('error', () => resolve('aborted'));
    incoming.on('close', () => resolve('aborted'));
  });
}

/** What is no HTTP is told so, in the few words that Go's server has for it. */
function refuseNonsense(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = NONSENSE[error.code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`);
}

const NONSENSE: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** A certificate of the authority that the TLS layer trusts. */
function certificateOf({ socket }: IncomingMessage): HttpRequest['certificate'] {
  const tls = socket as TLSSocket;
  if (!tls.encrypted || !tls.authorized) return undefined;
  const known = certificates.get(tls);
  if (known) return known;
  const { subject, raw } = tls.getPeerCertificate();
  if (!subject?.CN) return undefined;
  const organizations = subject.O as string | string[] | undefined;
  const certificate = {
    commonName: String(subject.CN),
    organizations: organizations === undefined ? [] : [organizations].flat(),
    fingerprint: fingerprintOf(raw),
  };
  certificates.set(tls, certificate);
  return certificate;
}

/** A connection's certificate never changes, and reading it costs as much as a small request. */
const certificates = new WeakMap<TLSSocket, NonNullable<HttpRequest['certificate']>>();

const fingerprintOf = (raw: Uint8Array): string => createHash('sha256').update(raw).digest('hex');

function splitOnce(text: string, separator: string): string[] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, answer: TextAnswer): void {
  outgoing.statusCode = answer.status;
  outgoing.setHeader('cache-control', 'no-cache, private');
  for (const [name, value] of Object.entries(answer.headers)) outgoing.setHeader(name, value as string | string[]);
  let body: string | Uint8Array = answer.bytes ?? answer.body;
  if (body.length >= GZIP_FROM && /\bgzip\b/.test(String(incoming.headers['accept-encoding'] ?? ''))) {
    body = gzipSync(body, { level: 1 });
    outgoing.setHeader('content-encoding', 'gzip');
    outgoing.setHeader('vary', 'Accept-Encoding');
  }
  if (answer.status !== 304) outgoing.setHeader('content-length', Buffer.byteLength(body));
  outgoing.end(incoming.method === 'HEAD' ? undefined : body);
}
