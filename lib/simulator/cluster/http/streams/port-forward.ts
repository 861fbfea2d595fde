/**
 * `kubectl port-forward`: every connection to the local port is a pair of SPDY streams, `data` with the bytes and `error` with
 * what went wrong. The bytes are HTTP/1.1; they are read and answered here as the container's image says.
 * https://kubernetes.io/docs/tasks/access-application-cluster/port-forward-access-application-cluster/
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PodConnection } from '../../kubelet/pod-access';
import type { ForwardRequest } from '../pod-requests';
import { SpdyConnection, type SpdyStream } from '../spdy/connection';

export const FORWARD_PROTOCOL = 'portforward.k8s.io';
/** The sub-protocol of a WebSocket that carries SPDY inside. */
export const FORWARD_TUNNEL = `SPDY/3.1+${FORWARD_PROTOCOL}`;

const BODY_LIMIT = 16 * 1024 * 1024;

interface Pair {
  error?: SpdyStream;
  data?: SpdyStream;
}

export function servePortForward(transport: Duplex, request: ForwardRequest, serve: <T>(work: () => T) => T): void {
  const pairs = new Map<string, Pair>();
  new SpdyConnection(transport, (stream) => {
    const type = stream.headers.get('streamtype');
    if (type !== 'error' && type !== 'data') {
      stream.destroy();
      return;
    }
    // Clients that know no request ids open one pair after the other.
    const id = stream.headers.get('requestid') ?? '';
    const pair = pairs.get(id) ?? {};
    if (pair[type]) {
      stream.destroy();
      return;
    }
    pair[type] = stream;
    pairs.set(id, pair);
    if (!pair.error || !pair.data) return;
    pairs.delete(id);
    pair.error.resume();
    forward(request, pair.data, pair.error, serve);
  });
}

function forward(request: ForwardRequest, data: SpdyStream, error: SpdyStream, serve: <T>(work: () => T) => T): void {
  const { access, namespace, pod } = request;
  const port = Number(data.headers.get('port'));
  try {
    const connection = serve(() => access.connect(namespace, pod, port));
    data.on('close', () => error.end());
    answerHttp(connection, serve).emit('connection', data);
  } catch (failure) {
    error.end((failure as Error).message);
    data.resume();
    data.end();
  }
}

/** A server without a port: it is handed its one connection. */
function answerHttp(connection: PodConnection, serve: <T>(work: () => T) => T): Server {
  return createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > BODY_LIMIT) incoming.destroy();
      else chunks.push(chunk);
    });
    incoming.on('end', () => {
      const response = serve(() =>
        connection({
          method: incoming.method ?? 'GET',
          path: incoming.url ?? '/',
          headers: headersOf(incoming),
          ...(size > 0 ? { body: Buffer.concat(chunks).toString() } : {}),
        }),
      );
      // It took the request and says nothing: the connection stays open until the client gives up.
      if (!response) return;
      outgoing.writeHead(response.status, { ...response.headers, 'content-length': Buffer.byteLength(response.body) });
      outgoing.end(incoming.method === 'HEAD' ? undefined : response.body);
    });
  });
}

export function headersOf(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value!]),
  );
}
