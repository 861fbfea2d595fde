/**
 * Connections that stop being HTTP: which protocol they change to, and who serves them then.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/ (exec, attach and port-forward are `create`)
 */
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { TextAnswer } from '../door';
import type { StreamRequest } from '../pod-requests';
import { COMMAND_PROTOCOLS, serveCommandSocket } from './command-socket';
import { COMMAND_SPDY_PROTOCOLS, serveCommandSpdy } from './command-spdy';
import { FORWARD_PROTOCOL, FORWARD_TUNNEL, servePortForward } from './port-forward';

type Serve = <T>(work: () => T) => T;

/** Messages from clients; a real server takes no more at once, either. */
const MAX_MESSAGE = 16 * 1024 * 1024;

export function upgradeConnection(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  request: StreamRequest,
  serve: Serve,
): void {
  const protocol = String(incoming.headers.upgrade ?? '').toLowerCase();
  if (protocol === 'websocket') upgradeToWebSocket(incoming, socket, head, request, serve);
  else if (protocol === 'spdy/3.1') upgradeToSpdy(incoming, socket, head, request, serve);
  else refuseUpgrade(socket, plain(400, 'unable to upgrade: missing upgrade headers in request'));
}

function upgradeToWebSocket(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  request: StreamRequest,
  serve: Serve,
): void {
  const served = request.kind === 'command' ? COMMAND_PROTOCOLS : [FORWARD_TUNNEL];
  const offered = listOf(incoming.headers['sec-websocket-protocol']);
  const chosen = served.find((each) => offered.includes(each));
  if (chosen === undefined) {
    refuseUpgrade(
      socket,
      plain(
        400,
        `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${served.join(' ')}]`,
      ),
    );
    return;
  }
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE });
  // The name of the tunnel has a slash, which the library takes for a mistake: it is not shown the header.
  delete incoming.headers['sec-websocket-protocol'];
  sockets.on('headers', (lines) => lines.push(`Sec-WebSocket-Protocol: ${chosen}`));
  sockets.handleUpgrade(incoming, socket, head, (webSocket) => {
    if (request.kind === 'command') serveCommandSocket(webSocket, request, serve);
    else servePortForward(createWebSocketStream(webSocket), request, serve);
  });
}

function upgradeToSpdy(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  request: StreamRequest,
  serve: Serve,
): void {
  const served = request.kind === 'command' ? COMMAND_SPDY_PROTOCOLS : [FORWARD_PROTOCOL];
  const offered = listOf(incoming.headers['x-stream-protocol-version']);
  if (offered.length === 0) {
    refuseUpgrade(socket, plain(400, 'unable to upgrade: X-Stream-Protocol-Version is required'));
    return;
  }
  const chosen = served.find((each) => offered.includes(each));
  if (chosen === undefined) {
    const message = `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${served.join(' ')}]`;
    const headers = { 'x-accepted-stream-protocol-versions': served.join(', ') };
    refuseUpgrade(socket, plain(403, message, headers));
    return;
  }
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\nx-stream-protocol-version: ${chosen}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  if (request.kind === 'command') serveCommandSpdy(socket, request, serve);
  else servePortForward(socket, request, serve);
}

const listOf = (header: string | readonly string[] | undefined): string[] =>
  [header ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');

function plain(status: number, message: string, headers: Record<string, string> = {}): TextAnswer {
  const type = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  return { status, headers: { ...type, ...headers }, body: `${message}\n` };
}

/** An upgrade that does not happen is answered like any request; then the connection is closed. */
export function refuseUpgrade(socket: Duplex, { status, headers, body }: TextAnswer): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, 'connection: close'];
  socket.end([...head, `content-length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'));
}
