/** The official JavaScript client, unchanged, in a process of its own. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { makeProject, type Project } from '../../../helpers/drydock';

jest.setTimeout(60_000);

let project: Project;
beforeAll(() => {
  project = makeProject();
});
afterAll(() => project.remove());

test('@kubernetes/client-node lists, watches, creates, patches and deletes', async () => {
  const kubeconfig = join(project.folder, 'kubeconfig');
  const cluster = project.start('cluster', '--port', '0', '--kubeconfig', kubeconfig, '--nodes', '2');
  await cluster.until('ready https://127.0.0.1:');
  const story = spawn(process.execPath, [
    join(__dirname, '..', '..', '..', 'helpers', 'client-node-story.mjs'),
    kubeconfig,
  ]);
  let output = '';
  story.stdout.on('data', (data) => {
    output += data;
  });
  story.stderr.on('data', (data) => {
    output += data;
  });
  await new Promise((done) => story.on('close', done));
  cluster.kill('SIGTERM');
  await cluster.ended;
  expect(output.trim().split('\n')).toEqual([
    '{"step":"nodes","value":2}',
    '{"step":"created","value":"story"}',
    '{"step":"patched","value":{"chapter":"two"}}',
    '{"step":"watched","value":["ADDED one","MODIFIED two"]}',
    '{"step":"read","value":404}',
  ]);
});
