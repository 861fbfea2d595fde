/** The real `cdk` command against the simulated account, over loopback. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { AwsAccount } from '../../../lib/simulator/aws/account';
import { type AwsEndpoint, serveAws } from '../../../lib/simulator/aws/http/endpoint';
import { Simulation } from '../../../lib/simulator/simulation';

const CLI = resolve(__dirname, '../../../node_modules/aws-cdk/bin/cdk');

describe('the cdk command', () => {
  const account = new AwsAccount({ simulation: new Simulation() });
  const requests: string[] = [];
  let endpoint: AwsEndpoint;
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'drydock-cdk-'));
    endpoint = await serveAws(account, { onRequest: (operation) => requests.push(operation ?? 'unknown') });
  });
  afterAll(async () => {
    await endpoint.close();
    rmSync(directory, { recursive: true });
  });

  /** Two stacks, one importing from the other, and a file to upload. Returns the cloud assembly's directory. */
  function synthesize(retentionInDays: number): string {
    const outdir = join(directory, `cdk.out.${retentionInDays}`);
    const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: false });
    const first = new Stack(app, 'first');
    const group = new CfnLogGroup(first, 'Group', { retentionInDays });
    const second = new Stack(app, 'second');
    new CfnOutput(second, 'Name', { value: group.ref });
    writeFileSync(join(directory, 'asset.txt'), 'asset');
    new Asset(second, 'Asset', { path: join(directory, 'asset.txt') });
    new CfnLogGroup(second, 'Other', { logGroupName: `${group.ref}-other` });
    app.synth();
    return outdir;
  }

  function cdk(...args: string[]): Promise<{ code: number | null; output: string }> {
    requests.length = 0;
    const child = spawn(process.execPath, [CLI, ...args, '--no-notices', '--no-version-reporting'], {
      cwd: directory,
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        CDK_HOME: join(directory, 'home'),
        AWS_ENDPOINT_URL: endpoint.url,
        AWS_ACCESS_KEY_ID: account.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: account.credentials.secretAccessKey,
        AWS_REGION: 'eu-west-1',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        CDK_DISABLE_CLI_TELEMETRY: '1',
        CDK_VALIDATION: 'false',
        NODE_NO_WARNINGS: '1',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    return new Promise((done) => child.on('close', (code) => done({ code, output })));
  }

  test('bootstraps, deploys, sees no change, shows a difference, and destroys', async () => {
    const app = synthesize(7);
    const bootstrapped = await cdk('bootstrap', `aws://${account.accountId}/eu-west-1`);
    expect(bootstrapped.output).toContain('bootstrapped.');

    const deployed = await cdk('deploy', '--all', '--app', app, '--require-approval', 'never');
    expect(deployed.output).toMatch(/second\.Name = first-Group-\w{12}/);
    expect(deployed.code).toBe(0);
    expect(account.call('logs', 'DescribeLogGroups').logGroups).toHaveLength(2);

    const again = await cdk('deploy', 'first', '--app', app, '--require-approval', 'never');
    expect(again.output).toContain('first (no changes)');
    expect(requests).not.toContain('cloudformation:CreateChangeSet');

    const difference = await cdk('diff', 'first', '--app', synthesize(14));
    expect(difference.output).toContain('[~] RetentionInDays');
    expect(difference.output).not.toContain('Could not create a change set');

    const destroyed = await cdk('destroy', '--all', '--force', '--app', app);
    expect(destroyed.code).toBe(0);
    expect(account.call('logs', 'DescribeLogGroups').logGroups).toEqual([]);
  }, 90_000);
});
