/** What nobody should send: each gets a Status, and the server goes on. */
import { createWorld } from '../../../fidelity/replay';

const { door } = createWorld();

function post(
  body: string | Uint8Array,
  contentType = 'application/json',
  path = '/api/v1/namespaces/default/configmaps',
) {
  const answer = door.answer({
    method: 'POST',
    path,
    query: new URLSearchParams(),
    headers: { authorization: 'Bearer admin', 'content-type': contentType },
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  });
  if (!('status' in answer)) throw new Error('a stream?');
  return { code: answer.status, status: JSON.parse(answer.body) };
}

const object = (name: string, rest: string) =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}${rest}}`;
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

test.each([
  ['deeper than any object', object('deep', `,"data":${nested(9_000)}`), 400],
  ['deeper than the parser goes', nested(20_000), 400],
  ['a list of lists', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 400],
  ['a number without end', object('huge', `,"immutable":1${'0'.repeat(400)}`), 400],
  ['half a surrogate pair', object('half', ',"data":{"a":"\\ud800"}'), 201],
  ['no JSON at all', '\u0000\u0001\u0002', 400],
  ['more than the server takes', object('big', `,"data":{"a":"${'x'.repeat(3_200_000)}"}`), 413],
])('%s', (_what, body, code) => {
  expect(post(body).code).toBe(code);
});

test('bytes that are no UTF-8', () => {
  const bytes = Buffer.concat([Buffer.from('{"metadata":{"name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}}')]);
  expect(post(bytes).code).toBe(422);
});

test('protobuf that ends in the middle, or repeats itself for ever', () => {
  const truncated = Buffer.from('azhzAAoPCgJ2MRIJQ29uZmlnTWFwEg4KBAoC', 'base64');
  expect(post(truncated, 'application/vnd.kubernetes.protobuf').code).toBe(400);
  const noise = Buffer.concat([Buffer.from([0x6b, 0x38, 0x73, 0x00]), Buffer.alloc(10_000, 0xff)]);
  expect(post(noise, 'application/vnd.kubernetes.protobuf').code).toBe(400);
});

test('YAML whose aliases multiply', () => {
  const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 10; i++) {
    const before = String.fromCharCode(96 + i);
    const name = String.fromCharCode(97 + i);
    lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
  }
  expect(post(lines.join('\n'), 'application/yaml').code).toBeGreaterThanOrEqual(400);
});

test('names of the prototype change nothing', () => {
  expect(
    post('{"__proto__":{"polluted":1},"constructor":{},"metadata":{"name":"proto","labels":{"__proto__":"x"}}}').code,
  ).toBe(422);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('after all of it the server answers', () => {
  expect(post(object('well', '')).code).toBe(201);
});
