import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildApp } from '../../bin/environment';

const run = promisify(execFile);
const root = resolve(__dirname, '../..');
const cdk = join(root, 'node_modules/aws-cdk/bin/cdk');
const out = mkdtempSync(join(tmpdir(), 'drydock-synth-'));

/** The real command line, as `npx cdk` runs it, without credentials or configuration. */
function cdkCli(...args: string[]) {
  const env = {
    PATH: process.env.PATH,
    HOME: out,
    CDK_DISABLE_CLI_TELEMETRY: '1',
    NODE_NO_WARNINGS: '1',
  };
  return run(process.execPath, [cdk, ...args, '--output', join(out, 'cli')], { cwd: root, env });
}

afterAll(() => rmSync(out, { recursive: true, force: true }));

test('`cdk ls` lists the stacks in the order in which they are deployed', async () => {
  const { stdout } = await cdkCli('ls');
  expect(stdout.trim().split('\n')).toEqual(['drydock-network', 'drydock-cluster', 'drydock-nodes']);
}, 60_000);

test('`cdk synth` writes what the app gives in process, without a warning', async () => {
  const { stderr } = await cdkCli('synth', '--quiet');
  expect(stderr).not.toMatch(/warning|flags/i);
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  const pathMetadata = { 'aws:cdk:enable-path-metadata': true };
  const assembly = buildApp({ context: { ...context, ...pathMetadata }, outdir: join(out, 'in-process') }).synth();
  expect(assembly.stacks.map((stack) => stack.stackName)).toHaveLength(3);
  for (const stack of assembly.stacks) {
    const written = JSON.parse(readFileSync(join(out, 'cli', stack.templateFile), 'utf8'));
    expect(written).toEqual(stack.template);
  }
}, 60_000);

test('the templates do not hang on the feature flags of cdk.json', () => {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  const templates = (flags: Record<string, unknown>) =>
    buildApp({ context: flags, outdir: mkdtempSync(join(out, 'flags-')) })
      .synth()
      .stacks.map((stack) => stack.template.Resources);
  expect(templates(context)).toEqual(templates({ '@aws-cdk/core:enablePartitionLiterals': true }));
});
