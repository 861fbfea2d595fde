/** Mistakes of people: each gets one clear message that says what to do, exit code 1, and loses nothing. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { makeProject, type Project } from '../helpers/drydock';

jest.setTimeout(20_000);

let project: Project;
beforeAll(() => {
  project = makeProject();
  rmSync(join(project.folder, 'manifests'), { recursive: true });
  mkdirSync(join(project.folder, 'manifests'));
});
afterAll(() => project.remove());

const manifest = (text: string) => writeFileSync(join(project.folder, 'manifests', 'app.yaml'), text);
const state = (name: string, text: string) => {
  mkdirSync(join(project.folder, '.drydock'), { recursive: true });
  const file = join(project.folder, '.drydock', name);
  writeFileSync(file, text);
  return file;
};

async function refused(...args: string[]): Promise<string> {
  const { code, stderr } = await project.drydock(...args);
  expect(stderr).not.toContain('bug of drydock');
  expect(code).toBe(1);
  return stderr;
}

const pod = (spec: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: ${spec}\n`;

test('down without up', async () => {
  expect(await refused('down')).toMatch(/there is no environment to take down.*\n.*Run `drydock up` first/);
});

test('status without up', async () => {
  expect(await refused('status')).toContain('no environment was brought up from this folder');
});

test('a manifest with an unknown field is refused before a cloud is started', async () => {
  manifest(pod('{containers: [{name: c, image: nginx, imagePolicy: Always}]}'));
  expect(await refused('up')).toContain('unknown field "spec.containers[0].imagePolicy"');
  expect((await project.drydock('cloud', 'status')).stderr).toContain('no local cloud is running');
});

test('a Pod of apps/v1 is named for what it is', async () => {
  manifest(pod('{containers: [{name: c, image: nginx}]}').replace('apiVersion: v1', 'apiVersion: apps/v1'));
  const message = await refused('synth');
  expect(message).toContain('no kind "Pod" is registered for version "apps/v1"');
  expect(message).toContain('apiVersion: v1');
});

test('a Service whose selector matches nothing', async () => {
  manifest(
    'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: nobody}, ports: [{port: 80}]}\n',
  );
  expect(await refused('up')).toContain('the selector matches no Pod');
});

test('no manifests at all', async () => {
  expect(await refused('synth', '--manifests', 'nowhere')).toContain('nowhere');
});

test('a busy port', async () => {
  const squatter = createServer();
  const port = await new Promise<number>((done) => {
    squatter.listen(0, '127.0.0.1', () => done((squatter.address() as { port: number }).port));
  });
  expect(await refused('cloud', 'start', '--port', String(port))).toContain(`port ${port}`);
  expect(await refused('cluster', '--port', String(port))).toContain(`port ${port}`);
  squatter.close();
});

test.each(['environment.json', 'cloud.json'])('a corrupt state directory (%s) is left as it is', async (name) => {
  manifest(pod('{containers: [{name: c, image: nginx}]}'));
  const file = state(name, '{"version": 1, "st');
  const message = await refused(name === 'cloud.json' ? 'up' : 'down');
  expect(message).toContain(file);
  expect(readFileSync(file, 'utf8')).toBe('{"version": 1, "st');
  rmSync(file);
});

test('a CDK app that fails', async () => {
  manifest(pod('{containers: [{name: c, image: nginx}]}'));
  const file = join(project.folder, 'cdk.json');
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, JSON.stringify({ app: 'node -e "throw new Error(\'no such vpc\')"' }));
  expect(await refused('up')).toMatch(/the CDK app failed[\s\S]*Run `npx cdk synth`/);
  writeFileSync(file, before);
  await project.drydock('cloud', 'stop');
});

test('an unknown option shows the help', async () => {
  const { code, stderr } = await project.drydock('up', '--fast');
  expect(code).toBe(1);
  expect(stderr).toContain("unknown option '--fast'");
});

test('a bare cluster refuses a wrong token and a token file that it cannot read', async () => {
  expect(await refused('cluster', '--port', '0', '--token-file', 'nobody.csv')).toContain('nobody.csv');
  const tokens = join(project.folder, 'tokens.csv');
  writeFileSync(tokens, 'secret,alice,alice-uid,"system:masters"\n');
  const cluster = project.start('cluster', '--port', '0', '--http', '--no-controllers', '--token-file', tokens);
  await cluster.until('ready http://127.0.0.1:');
  cluster.kill('SIGTERM');
  const { code, stdout } = await cluster.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+\n$/);
});
