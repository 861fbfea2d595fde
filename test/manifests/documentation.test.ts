/** What docs/manifests.md shows compiles, and does what the page says. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import '../../lib/testing';
import * as manifests from '../../lib/manifests';

const root = join(__dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'manifests.md'), 'utf8');

/** A block without imports goes on where the one before it ended. */
const programs = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].reduce<string[]>((found, [, block]) => {
  if (/^import /m.test(block!)) found.push(block!);
  else found[found.length - 1] += block;
  return found;
}, []);

const folder = mkdtempSync(join(tmpdir(), 'drydock-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every example compiles', async () => {
  for (const name of ['lib', 'node_modules', 'package.json']) symlinkSync(join(root, name), join(folder, name));
  programs.forEach((program, index) => {
    writeFileSync(join(folder, `example-${index}.ts`), `${program}export {};\n`);
  });
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['example-*.ts'] }));
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const { stdout } = await promisify(execFile)(tsc, ['--noEmit', '-p', folder]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
}, 60_000);

test('the first example, with its verbs, is an app without mistakes', () => {
  const names = Object.keys(manifests);
  const body = programs[0]!.replace(/^import .*$/m, '');
  const app = new Function(...names, `${body}\nreturn app;`)(...names.map((name) => (manifests as any)[name]));
  new manifests.Namespace(app, 'shop');
  new manifests.IngressClass(app, 'alb', { spec: { controller: 'ingress.k8s.aws/alb' } });
  expect(app).toHaveNoFindings();
  expect(app).toExpose('Deployment/web', { host: 'shop.example.com', path: '/' });
});
