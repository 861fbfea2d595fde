/** kubectl inside containers: exec, attach, cp, port-forward, proxy; over WebSockets and over SPDY. */
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { kubectlWorld } from './kubectl-world';

const world = kubectlWorld();
const SPDY = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' };
const transports = [
  ['WebSocket', {}],
  ['SPDY', SPDY],
] as const;

beforeAll(async () => {
  const { kubectl } = world;
  await kubectl.output('run', 'box', '--image=busybox', '--', 'sleep', '36000');
  await kubectl.output('run', 'web', '--image=nginx', '--port=80', '--labels=app=web', '--expose');
  await kubectl.output('wait', '--for=condition=Ready', 'pod/box', 'pod/web', '--timeout=30s');
});

const fetchText = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get(url, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });

describe.each(transports)('over %s', (_name, env) => {
  const kubectl = () => world.kubectl.with({ env });

  test('exec writes both outputs and tells the exit code', async () => {
    const result = await kubectl()('exec', 'box', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3');
    expect(result).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\ncommand terminated with exit code 3\n' });
  });

  test('exec -i passes on what is typed as it comes', async () => {
    const cat = kubectl().start('exec', '-i', 'box', '--', 'cat');
    cat.type('one\n');
    await cat.shows('one\n');
    cat.type('two\n');
    await cat.shows('two\n');
    cat.endInput();
    expect(await cat.result).toEqual({ code: 0, stdout: 'one\ntwo\n', stderr: '' });
  });

  test('a shell answers line by line, and ends with its last exit code', async () => {
    const shell = kubectl().start('exec', '-i', 'box', '--', 'sh');
    shell.type('cd /tmp\npwd\n');
    await shell.shows('/tmp\n');
    shell.type('for i in 1 2\ndo echo n$i\n');
    shell.type('done\nexit 7\n');
    const { code, stdout } = await shell.result;
    expect({ code, stdout }).toEqual({ code: 7, stdout: '/tmp\nn1\nn2\n' });
  });

  test('a program that the image does not have', async () => {
    const { code, stderr } = await kubectl()('exec', 'box', '--', 'nonsense');
    expect(code).toBe(1);
    expect(stderr).toContain('exec: "nonsense": executable file not found in $PATH');
  });

  test('cp goes both ways', async () => {
    const there = world.file('there.txt', 'grüße\n');
    await kubectl().output('cp', there, 'box:/tmp/copy.txt');
    expect(await kubectl().output('exec', 'box', '--', 'cat', '/tmp/copy.txt')).toBe('grüße\n');
    const back = `${there}.back`;
    await kubectl().output('cp', 'box:/tmp/copy.txt', back);
    expect(readFileSync(back, 'utf8')).toBe('grüße\n');
  });

  test.each(['pod/web', 'service/web'])('port-forward %s carries real HTTP', async (target) => {
    const forward = kubectl().start('port-forward', target, ':80');
    const [, port] = /127\.0\.0\.1:(\d+) -> 80/.exec(await forward.shows('127.0.0.1:'))!;
    const pages = await Promise.all([1, 2, 3].map(() => fetchText(`http://127.0.0.1:${port}/`)));
    expect(pages.map((page) => page.includes('Welcome to nginx!'))).toEqual([true, true, true]);
    await forward.stop();
  });

  test('port-forward to a port where nobody listens', async () => {
    const forward = kubectl().start('port-forward', 'pod/web', ':81');
    const [, port] = /127\.0\.0\.1:(\d+) -> 81/.exec(await forward.shows('127.0.0.1:'))!;
    await expect(fetchText(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    expect(await forward.shows('error forwarding port 81')).toMatch(/an error occurred forwarding \d+ -> 81/);
    expect((await forward.result).stderr).toContain('error: lost connection to pod');
  });

  test('attach sees what the container writes from now on', async () => {
    const name = env === SPDY ? 'ticker-spdy' : 'ticker';
    await kubectl().output('run', name, '--image=busybox', '--', 'sh', '-c', 'while true; do echo tick; sleep 5; done');
    await kubectl().output('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=30s');
    const attached = kubectl().start('attach', name);
    await attached.shows('tick\ntick\n');
    await attached.stop();
  });

  test('run -i --rm: the shell reads what is piped into it, and the Pod is gone afterwards', async () => {
    const name = env === SPDY ? 'once-spdy' : 'once';
    const run = kubectl().start('run', name, '-i', '--rm', '--restart=Never', '--image=busybox', '--', 'sh');
    await run.shows('If you don');
    run.type('echo from $HOSTNAME\n');
    await run.shows(`from ${name}\n`);
    run.endInput();
    const { stdout } = await run.result;
    expect(stdout).toContain(`pod "${name}" deleted`);
    expect((await kubectl()('get', 'pod', name)).stderr).toContain('NotFound');
  });
});

describe('proxies', () => {
  const raw = (path: string) => world.kubectl('get', '--raw', path);

  test.each([
    ['a Pod', '/api/v1/namespaces/default/pods/web/proxy/'],
    ['a port of a Pod', '/api/v1/namespaces/default/pods/web:80/proxy/'],
    ['a Service', '/api/v1/namespaces/default/services/web:80/proxy/'],
  ])('%s', async (_what, path) => {
    expect((await raw(path)).stdout).toContain('Welcome to nginx!');
  });

  test.each([
    [
      'pods/web:81/proxy/',
      /^Error from server \(ServiceUnavailable\): error trying to reach service: dial tcp [\d.]+:81: connect: connection refused/,
    ],
    ['pods/nobody/proxy/', /^Error from server \(NotFound\): pods "nobody" not found/],
    ['services/web:9/proxy/', /^Error from server \(ServiceUnavailable\): no service port 9 found for service "web"/],
    ['services/web:http/proxy/', /^Error from server \(ServiceUnavailable\): no endpoints available for service "web"/],
    ['pods/ftp:web:80/proxy/', /^Error from server \(BadRequest\): invalid pod request "ftp:web:80"/],
  ])('%s is refused in words', async (path, words) => {
    expect((await raw(`/api/v1/namespaces/default/${path}`)).stderr).toMatch(words);
  });

  test("a node's kubelet", async () => {
    expect((await raw('/api/v1/nodes/node-1/proxy/healthz')).stdout).toBe('ok');
    const { items } = JSON.parse((await raw('/api/v1/nodes/node-1/proxy/pods')).stdout);
    expect(items.every(({ spec }: any) => spec.nodeName === 'node-1')).toBe(true);
  });

  test('kubectl proxy serves the API on a local port', async () => {
    const proxy = world.kubectl.start('proxy', '--port=0');
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(await proxy.shows('127.0.0.1:'))!;
    const { items } = JSON.parse(await fetchText(`http://127.0.0.1:${port}/api/v1/namespaces/default/pods`));
    expect(items.map(({ metadata }: any) => metadata.name)).toContain('web');
    await proxy.stop();
  });
});
