/** Connections that nobody should make: the server says so in few words, or hangs up, and goes on. */
import { connect, type Socket } from 'node:net';
import type { RunningCluster } from '../../../../lib/simulator/cluster/serve-cluster';
import { serveCluster } from '../../../helpers/served-cluster';

jest.setTimeout(30_000);

let cluster: RunningCluster;
let port: number;
const sockets = new Set<Socket>();

beforeAll(async () => {
  cluster = await serveCluster({ http: true, controllers: false });
  port = Number(new URL(cluster.url).port);
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  // Whatever it was, the server is well afterwards.
  expect(await exchange('GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 200 [\s\S]*ok$/,
  );
});
afterAll(() => cluster.close());

const AUTHORIZATION = 'host: x\r\nauthorization: Bearer drydock-admin\r\n';
const MAPS = '/api/v1/namespaces/default/configmaps';

function open(): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  sockets.add(socket);
  return socket;
}

/** Sends bytes and answers with all that comes back until the server hangs up. */
function exchange(...parts: (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = open();
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('close', () => resolve(text));
    for (const part of parts) socket.write(part);
  });
}

const post = (headers: string) => `POST ${MAPS} HTTP/1.1\r\n${AUTHORIZATION}connection: close\r\n${headers}\r\n`;
const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
const stored = (name: string) => cluster.cluster.store.get('configmaps', 'default', name);

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', /^HTTP\/1\.1 400 Bad Request[\s\S]*400 Bad Request$/],
  ['a chunk without a length', `${post('transfer-encoding: chunked\r\n')}zz\r\n`, /^HTTP\/1\.1 400 Bad Request/],
  ['a head that never ends', `GET /${'x'.repeat(1_100_000)} HTTP/1.1\r\n\r\n`, /^HTTP\/1\.1 431 /],
  ['two lengths', post('content-length: 5\r\ncontent-length: 6\r\n'), /^HTTP\/1\.1 400 Bad Request/],
])('%s', async (_what, bytes, answer) => {
  expect(await exchange(bytes)).toMatch(answer);
});

test('more than the server takes is refused before it has come', async () => {
  const answer = await exchange(
    post(`content-type: application/json\r\ncontent-length: 4000000\r\n`),
    'x'.repeat(3_200_000),
  );
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain('Request entity too large: limit is 3145728');
});

test('a body that breaks off is no object, even when what came makes sense', async () => {
  const socket = open();
  socket.write(`${post('content-type: application/yaml\r\ncontent-length: 500\r\n')}${map('half')}`);
  await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  await exchange(
    `${post(`content-type: application/yaml\r\ncontent-length: ${map('whole').length}\r\n`)}${map('whole')}`,
  );
  expect(stored('whole')).toBeDefined();
  expect(stored('half')).toBeUndefined();
});

describe('upgrades', () => {
  const path = '/api/v1/namespaces/default/pods/web/portforward';
  const upgrade = (to: string, more = '') =>
    `POST ${path} HTTP/1.1\r\n${AUTHORIZATION}connection: Upgrade\r\nupgrade: ${to}\r\n${more}\r\n`;
  const SPDY = upgrade('SPDY/3.1', 'x-stream-protocol-version: portforward.k8s.io\r\n');

  beforeAll(() => {
    cluster.cluster.clientFor('kubernetes-admin', 'test').create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'default' },
      spec: { nodeName: 'node-1', containers: [{ name: 'web', image: 'nginx' }] },
    });
    // Nobody runs it here; a connection can be opened all the same.
    cluster.cluster.api.podAccess ??= {
      open: nobody,
      connect: nobody,
      exec: nobody,
      logs: nobody,
      listens: () => false,
    };
  });
  function nobody(): never {
    throw new Error('nobody is there');
  }

  test.each([
    ['to nothing known', upgrade('h2c'), /^HTTP\/1\.1 400 [\s\S]*unable to upgrade/],
    ['without a protocol', upgrade('SPDY/3.1'), /X-Stream-Protocol-Version is required/],
    [
      'with a protocol of another kind',
      upgrade('SPDY/3.1', 'x-stream-protocol-version: v9\r\n'),
      /^HTTP\/1\.1 403 [\s\S]*unable to negotiate protocol: client supports \[v9\], server accepts \[portforward\.k8s\.io\]/,
    ],
  ])('%s', async (_what, bytes, answer) => {
    expect(await exchange(bytes)).toMatch(answer);
  });

  test.each([
    ['noise', Buffer.alloc(64, 0xff)],
    ['a frame of 16 MiB', Buffer.from('80030001ffffffff', 'hex')],
    ['headers that do not unpack', Buffer.from('800300010000001000000001000000000000deadbeef0000', 'hex')],
    ['another version', Buffer.from('8002000100000000', 'hex')],
    ['a stream of the server', Buffer.from('8003000100000010000000020000000000000000e3c6a7c2', 'hex')],
  ])('SPDY: %s', async (_what, frame) => {
    expect(await exchange(SPDY, frame)).toMatch(/^HTTP\/1\.1 101 /);
  });

  test('a WebSocket frame that is not masked', async () => {
    const head = upgrade(
      'websocket',
      'sec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nsec-websocket-protocol: SPDY/3.1+portforward.k8s.io\r\n',
    );
    expect(await exchange(head.replace('POST', 'GET'), Buffer.from('8205ffffffffff', 'hex'))).toMatch(
      /^HTTP\/1\.1 101 /,
    );
  });
});

test('three hundred watchers that never read hold little, and the others are served', async () => {
  const client = cluster.cluster.clientFor('kubernetes-admin', 'test');
  const big = 'x'.repeat(100_000);
  for (let i = 0; i < 20; i++) {
    client.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `big-${i}`, namespace: 'default' },
      data: { big },
    });
  }
  const before = process.memoryUsage();
  const answered = Array.from({ length: 300 }, () => {
    const socket = open();
    socket.write(`GET ${MAPS}?watch=true HTTP/1.1\r\n${AUTHORIZATION}\r\n`);
    return new Promise<void>((resolve) => {
      socket.once('data', () => {
        socket.pause();
        resolve();
      });
    });
  });
  await Promise.all(answered);
  const after = process.memoryUsage();
  // All of it would be 600 MB.
  expect(
    after.external + after.arrayBuffers + after.heapUsed - before.external - before.arrayBuffers - before.heapUsed,
  ).toBeLessThan(250_000_000);
});
