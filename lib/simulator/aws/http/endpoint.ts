/**
 * The loopback address of the simulated AWS: what `AWS_ENDPOINT_URL` points at. The only asynchronous part.
 *
 * The CDK CLI looks at a stack every five seconds of wall time. So, before it answers a question, the door lets virtual
 * time run until whatever is under way has ended: nine minutes of cluster creation cost a client nothing.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsAccount } from '../account';
import { type HttpRequest, type HttpResponse, tryOperationOf } from './message';

export interface AwsEndpointOptions {
  /** @default 0, a free one */
  readonly port?: number;
  /** Finish operations under way before answering a question. Off, clients see intermediate states. @default true */
  readonly hurry?: boolean;
  /** Awaited before each answer: whatever must be true outside first, e.g. a cluster's port being open. */
  readonly beforeAnswer?: () => Promise<void>;
  /** Runs the work of one request with virtual time where it should be; see Pacer.serve. @default just runs it */
  readonly serve?: <T>(work: () => T) => T;
  /** Pages beside AWS, by path: what they give is answered as JSON. @default none */
  readonly pages?: Readonly<Record<string, (query: URLSearchParams) => unknown>>;
  /** Told about every request that may change something, before it is answered. */
  readonly beforeChange?: (request: HttpRequest) => void;
  /** Told about every request that was answered. */
  readonly onRequest?: (operation: string | undefined, status: number) => void;
}

export interface AwsEndpoint {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Lambda layers, the largest assets that the CDK uploads in one piece, have 36 MB. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

const QUESTION = /:(Describe|List|Get|Detect)/;

/** Opens the door. @throws the listen error, e.g. EADDRINUSE. */
export async function serveAws(account: AwsAccount, options: AwsEndpointOptions = {}): Promise<AwsEndpoint> {
  const serve = options.serve ?? (<T>(work: () => T): T => work());
  const server = createServer((incoming, outgoing) => {
    readRequest(incoming)
      .then(async (request) => {
        const page = options.pages?.[request.path];
        const operation = page ? undefined : tryOperationOf(request);
        if ((options.hurry ?? true) && operation && QUESTION.test(operation)) serve(() => account.finishOperations());
        await options.beforeAnswer?.();
        const response = page
          ? jsonPage(page(request.query))
          : serve(() => {
              if (!operation || !QUESTION.test(operation)) options.beforeChange?.(request);
              return account.answer(request);
            });
        options.onRequest?.(operation, response.status);
        outgoing.writeHead(response.status, {
          ...response.headers,
          'content-length': Buffer.byteLength(response.body),
        });
        outgoing.end(request.method === 'HEAD' ? undefined : response.body);
      })
      .catch((error: unknown) => {
        if (!outgoing.headersSent) outgoing.writeHead(501, { 'content-type': 'text/plain' });
        outgoing.end(`drydock failed: ${error instanceof Error ? error.stack : String(error)}\n`);
      });
  });
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function jsonPage(content: unknown): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(content) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** @throws Error when the body is larger than any asset should be. */
async function readRequest(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error(`a request body may not be larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  const [path, query] = splitOnce(incoming.url ?? '/', '?');
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers,
    body: Buffer.concat(chunks),
  };
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
