import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type HttpTransportOptions, httpTransport, TransportError, type WatchEvent } from '../../lib/apply';
import { StatusError } from '../../lib/kubernetes/status-error';

let server: Server;
let respond: (request: IncomingMessage, response: ServerResponse, body: string) => void;
let sockets: Set<unknown>;

beforeEach((done) => {
  sockets = new Set();
  server = createServer(async (request, response) => {
    sockets.add(request.socket);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    respond(request, response, Buffer.concat(chunks).toString());
  }).listen(0, '127.0.0.1', done);
});

afterEach((done) => {
  server.close(done);
  server.closeAllConnections();
});

function connect(options: Partial<HttpTransportOptions> = {}) {
  return httpTransport({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`, ...options });
}

async function collect(events: AsyncIterable<WatchEvent>): Promise<string[]> {
  const seen: string[] = [];
  for await (const { type, object } of events) seen.push(`${type} ${object.metadata.name}`);
  return seen;
}

test('requests go one after another over one connection, with method, query and JSON body', async () => {
  const seen: unknown[] = [];
  respond = (request, response, body) => {
    seen.push([request.method, request.url, request.headers['content-type'], body]);
    response.end('{"kind":"Pod","unknownField":1}');
  };
  const transport = connect();
  const query = { fieldManager: 'drydock', dryRun: undefined };
  const patch = { method: 'PATCH', path: '/api/v1/pods/a', query, body: { a: 1 } } as const;
  await transport.request({ ...patch, contentType: 'application/apply-patch+yaml' });
  const { status, body } = await transport.request({ method: 'GET', path: '/api/v1/pods/a' });
  expect([status, body]).toEqual([200, { kind: 'Pod', unknownField: 1 }]);
  expect(seen).toEqual([
    ['PATCH', '/prefix/api/v1/pods/a?fieldManager=drydock', 'application/apply-patch+yaml', '{"a":1}'],
    ['GET', '/prefix/api/v1/pods/a', undefined, ''],
  ]);
  expect(sockets.size).toBe(1);
  transport.close();
});

test('a compressed answer is read, and a failure is an answer too', async () => {
  respond = (_request, response) => {
    const status = { kind: 'Status', code: 404, reason: 'NotFound' };
    response
      .writeHead(404, { 'content-encoding': 'gzip', warning: '299 - "old"' })
      .end(gzipSync(JSON.stringify(status)));
  };
  const { status, body, headers } = await connect().request({ method: 'GET', path: '/x' });
  expect([status, body.reason, headers.warning]).toEqual([404, 'NotFound', '299 - "old"']);
});

test('an expired token is renewed once', async () => {
  const tokens: (string | undefined)[] = [];
  respond = (request, response) => {
    tokens.push(request.headers.authorization);
    response.writeHead(request.headers.authorization === 'Bearer fresh' ? 200 : 401).end('{}');
  };
  const transport = connect({ token: (renew) => (renew ? 'fresh' : 'stale') });
  const { status } = await transport.request({ method: 'GET', path: '/x' });
  expect([status, tokens]).toEqual([200, ['Bearer stale', 'Bearer fresh']]);
});

test('no server, no answer in time and an answer that breaks off are transport errors', async () => {
  const closed = httpTransport({ server: 'http://127.0.0.1:1' });
  await expect(closed.request({ method: 'GET', path: '/x' })).rejects.toMatchObject({
    name: 'TransportError',
    code: 'ECONNREFUSED',
  });
  respond = () => {};
  const late = connect({ timeoutMs: 20 }).request({ method: 'GET', path: '/x' });
  await expect(late).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  respond = (_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('{', () => response.destroy());
  };
  await expect(connect().request({ method: 'GET', path: '/x' })).rejects.toBeInstanceOf(TransportError);
});

describe('a watch', () => {
  const line = (type: string, name: string) => `${JSON.stringify({ type, object: { metadata: { name } } })}\n`;

  test('yields its events however they are cut into pieces, and ends when the server ends it', async () => {
    respond = (_request, response) => {
      const text = Buffer.from(line('ADDED', 'häfen') + line('DELETED', 'b'));
      let sent = 0;
      const next = () => {
        if (sent === text.length) response.end();
        else response.write(text.subarray(sent, ++sent), () => setImmediate(next));
      };
      next();
    };
    const events = connect().watch({ path: '/api/v1/pods', query: { watch: 'true' } }, new AbortController().signal);
    expect(await collect(events)).toEqual(['ADDED häfen', 'DELETED b']);
  });

  test('ends quietly when it is aborted, and when it has been silent for too long', async () => {
    respond = (_request, response) => response.write(line('ADDED', 'a'));
    const stop = new AbortController();
    const aborted = connect().watch({ path: '/x' }, stop.signal);
    const seen: string[] = [];
    for await (const { type } of aborted) {
      seen.push(type);
      stop.abort();
    }
    expect(seen).toEqual(['ADDED']);
    const silent = connect({ watchIdleMs: 20 }).watch({ path: '/x' }, new AbortController().signal);
    expect(await collect(silent)).toEqual(['ADDED a']);
  });

  test('that is refused throws the Status', async () => {
    respond = (_request, response) => {
      response.writeHead(410).end(JSON.stringify({ kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }));
    };
    const refused = collect(connect().watch({ path: '/x' }, new AbortController().signal));
    await expect(refused).rejects.toBeInstanceOf(StatusError);
  });
});
