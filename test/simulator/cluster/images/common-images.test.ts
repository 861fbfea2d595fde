/** Images that charts and tutorials use: they become ready, say what they say, and answer. */
import { kubeletWorld } from '../kubelet/kubelet-world';

const start = (container: Record<string, unknown>, spec: Record<string, unknown> = {}) => {
  const world = kubeletWorld();
  world.run({ ...spec, containers: [{ name: 'main', ...container }] });
  world.advance('20s');
  return world;
};
const execProbe = (...command: string[]) => ({ exec: { command }, periodSeconds: 2 });

test.each([
  [
    'postgres:17',
    { POSTGRES_PASSWORD: 'x' },
    execProbe('sh', '-c', 'exec pg_isready -U app'),
    5432,
    'ready to accept connections',
  ],
  ['mysql:8', { MYSQL_ROOT_PASSWORD: 'x' }, execProbe('mysqladmin', 'ping'), 3306, 'ready for connections'],
  ['redis:8-alpine', {}, execProbe('redis-cli', 'ping'), 6379, 'Ready to accept connections'],
  ['mongo', {}, execProbe('mongosh', '--eval', 'db.hello()'), 27017, 'Waiting for connections'],
])('%s is ready when its own client says so', (image, variables, readinessProbe, port, line) => {
  const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const world = start({ image, env, readinessProbe });
  expect(world.condition('Ready').status).toBe('True');
  expect(world.logs()).toContain(line);
  expect(world.kubelets.network.accepts(world.pod().status.podIP, port)).toBe(true);
});

test('a database without a password says so and crashes', () => {
  const world = start({ image: 'postgres' });
  expect(world.logs()).toMatch(/^Error: Database is uninitialized and superuser password is not specified/);
  expect(world.status().lastState.terminated.exitCode).toBe(1);
});

test('small web servers answer', () => {
  const answers = (container: Record<string, unknown>, port: number, path = '/') => {
    const world = start(container);
    return world.kubelets.network.request({ to: `${world.pod().status.podIP}:${port}${path}` }).response?.body;
  };
  expect(answers({ image: 'hashicorp/http-echo', args: ['-text=hi', '-listen=:8080'] }, 8080)).toBe('hi\n');
  expect(answers({ image: 'traefik/whoami' }, 80)).toContain('Hostname: web\n');
  expect(
    answers({ image: 'python:3.13', command: ['python3', '-m', 'http.server', '9000'], workingDir: '/etc' }, 9000),
  ).toContain('Directory listing for /');
});

test('curl runs with the arguments that it is given', () => {
  const world = start({ image: 'curlimages/curl', args: ['-sS', 'http://nobody.example'] }, { restartPolicy: 'Never' });
  expect(world.status().state.terminated).toMatchObject({ exitCode: expect.any(Number), reason: 'Error' });
  expect(world.logs()).toContain('curl: (');
});
