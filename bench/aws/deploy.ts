/**
 * drydock's share of the CPU in a real `cdk deploy` and `cdk destroy` of a network, against a local cloud in this process.
 *
 *   npm run bench -- aws
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { AwsAccount } from '../../lib/simulator/aws/account';
import { bootstrapRegion } from '../../lib/simulator/aws/bootstrap';
import { serveAws } from '../../lib/simulator/aws/http/endpoint';
import { Simulation } from '../../lib/simulator/simulation';
import { NetworkStack } from '../../lib/stacks';
import { runChild } from './child';

const CLI = resolve(__dirname, '../../node_modules/aws-cdk/bin/cdk');

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-bench-'));
  const outdir = join(directory, 'cdk.out');
  const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: false });
  new NetworkStack(app, 'net', { env: { region: 'eu-west-1' }, natGateways: 'single' });
  app.synth();
  const account = new AwsAccount({ simulation: new Simulation() });
  bootstrapRegion(account);
  const endpoint = await serveAws(account);
  const env = {
    CDK_HOME: directory,
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_ACCESS_KEY_ID: account.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: account.credentials.secretAccessKey,
    AWS_REGION: 'eu-west-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    CDK_DISABLE_CLI_TELEMETRY: '1',
    CDK_VALIDATION: 'false',
  };
  const flags = ['--app', outdir, '--no-notices', '--no-version-reporting'];
  for (const [what, args] of [
    ['deploy', ['deploy', 'net', '--require-approval', 'never']],
    ['destroy', ['destroy', 'net', '--force']],
  ] as const) {
    const before = process.cpuUsage();
    const theirs = await runChild([CLI, ...args, ...flags], directory, env);
    const { user, system } = process.cpuUsage(before);
    const ours = (user + system) / 1000;
    const share = (100 * ours) / (ours + theirs);
    process.stdout.write(
      `cdk ${what}: ${theirs.toFixed(0)} ms CPU of the CDK, ${ours.toFixed(0)} ms of drydock: ${share.toFixed(1)} % (goal: 10)\n`,
    );
  }
  await endpoint.close();
  rmSync(directory, { recursive: true });
}

void main();
