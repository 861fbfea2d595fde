/** `drydock env` and `drydock cdk`: the real command, on the local cloud and nowhere else. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { makeProject, type Project } from '../helpers/drydock';

jest.setTimeout(120_000);

/** A small app: a network that is looked up by another stack's context, and a stack that imports from the first. */
const APP = `
const { App, CfnOutput, Stack, aws_ec2: ec2, aws_logs: logs } = require('aws-cdk-lib');
const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false });
const env = { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION };
const network = new Stack(app, 'network', { env });
const vpc = new ec2.Vpc(network, 'Vpc', { vpcName: 'shared', maxAzs: 2, natGateways: 0, restrictDefaultSecurityGroup: false });
const user = new Stack(app, 'user', { env });
new CfnOutput(user, 'VpcId', { value: vpc.vpcId });
new logs.CfnLogGroup(user, 'Group', { logGroupName: '/shop', retentionInDays: Number(process.env.DAYS ?? 7) });
if (process.env.LOOKUP) {
  const guest = new Stack(app, 'guest', { env });
  const found = ec2.Vpc.fromLookup(guest, 'Vpc', { vpcName: 'shared' });
  new CfnOutput(guest, 'Subnets', { value: found.publicSubnets.map((subnet) => subnet.subnetId).join() });
  new logs.CfnLogGroup(guest, 'Guest', {});
}
`;

let project: Project;
beforeAll(async () => {
  project = makeProject();
  writeFileSync(join(project.folder, 'app.js'), APP);
  writeFileSync(
    join(project.folder, 'cdk.json'),
    JSON.stringify({ app: 'node app.js', watch: { include: ['app.js'] } }),
  );
  // What a person may have set for real AWS; nothing of it may reach the command.
  process.env.AWS_PROFILE = 'production';
  process.env.AWS_ENDPOINT_URL_STS = 'http://127.0.0.1:9';
  process.env.HTTPS_PROXY = 'http://127.0.0.1:9';
});
afterAll(async () => {
  for (const name of ['AWS_PROFILE', 'AWS_ENDPOINT_URL_STS', 'HTTPS_PROXY', 'LOOKUP', 'DAYS']) delete process.env[name];
  await project.remove();
});

/** Progress goes to standard error, but to standard output where CI=true says that nobody reads along: `said` is both. */
const cdk = async (...args: string[]) => {
  const result = await project.drydock('cdk', '--', ...args);
  return { ...result, said: result.stdout + result.stderr };
};

test('without a cloud, says how to start one', async () => {
  const { code, stderr } = await cdk('list');
  expect(code).toBe(1);
  expect(stderr).toContain('no local cloud is running in this folder');
});

test('deploys two stacks, looks one up, shows and detects differences, destroys', async () => {
  expect((await project.drydock('cloud', 'start')).code).toBe(0);
  const env = await project.drydock('env', '--format', 'json');
  const variables = JSON.parse(env.stdout);
  expect(variables).toMatchObject({ AWS_CONFIG_FILE: '/dev/null', CDK_DEFAULT_ACCOUNT: expect.stringMatching(/^000/) });
  expect((await project.drydock('env')).stdout).toContain(`export AWS_ENDPOINT_URL=${variables.AWS_ENDPOINT_URL}\n`);

  const deployed = await cdk('deploy', '--all');
  expect(deployed.said).toMatch(/user\.VpcId = vpc-/);
  expect(deployed.code).toBe(0);

  // A lookup asks AWS at synth and remembers the answer in cdk.context.json.
  process.env.LOOKUP = '1';
  const guest = await cdk('deploy', 'guest');
  expect(guest.said).toMatch(/guest\.Subnets = subnet-\w+,subnet-\w+/);
  expect(readFileSync(join(project.folder, 'cdk.context.json'), 'utf8')).toContain('"vpcCidrBlock": "10.0.0.0/16"');

  process.env.DAYS = '14';
  const difference = await cdk('diff', 'user', '--fail');
  expect(difference.said).toContain('[~] RetentionInDays');
  expect(difference.code).toBe(1);

  await changeRetention(variables.AWS_ENDPOINT_URL);
  const drift = await cdk('drift', 'user', '--fail');
  expect(drift.said).toContain('RetentionInDays');
  expect(drift.code).toBe(1);

  const destroyed = await cdk('destroy', '--all', '--force');
  expect(destroyed.code).toBe(0);
});

test('watches: deploys, and deploys again when the app changes', async () => {
  const watching = project.start('cdk', '--', 'watch', 'user', '--ci', '--no-logs', '--hotswap-fallback');
  await watching.until('user.VpcId = vpc-');
  writeFileSync(join(project.folder, 'app.js'), APP.replace("'/shop'", "'/store'"));
  await watching.until('Detected change to');
  await watching.until('UPDATE_COMPLETE');
  watching.kill('SIGTERM');
  await watching.ended;
});

/** What somebody does by hand, beside CloudFormation. */
async function changeRetention(endpoint: string): Promise<void> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.PutRetentionPolicy',
      authorization: 'AWS4-HMAC-SHA256 Credential=AKIAX/20260101/eu-west-1/logs/aws4_request, Signature=0',
    },
    body: JSON.stringify({ logGroupName: '/shop', retentionInDays: 30 }),
  });
  expect(response.status).toBe(200);
}

test('a profile is refused, because it would lead to real AWS', async () => {
  const { code, stderr } = await cdk('deploy', '--profile=production');
  expect(code).toBe(1);
  expect(stderr).toContain('`drydock cdk` does not take --profile');
});

describe('an endpoint that is not ours', () => {
  const asked: string[] = [];
  let stranger: Server;
  beforeAll(async () => {
    stranger = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        asked.push(request.url === '/' ? (new URLSearchParams(body).get('Action') ?? '') : request.url!);
        // The health page answers like ours; STS tells the truth.
        if (request.url?.startsWith('/_drydock')) return response.end(JSON.stringify({ account: '000000000000' }));
        return response.end(
          '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
        );
      });
    });
    await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done));
  });
  afterAll(() => stranger.close());

  test('gets one question and no command', async () => {
    const folder = join(project.folder, 'elsewhere');
    mkdirSync(folder);
    const { port } = stranger.address() as AddressInfo;
    const record = {
      version: 1,
      pid: process.pid,
      endpoint: `http://127.0.0.1:${port}`,
      account: '000000000000',
      region: 'eu-west-1',
      credentials: { accessKeyId: 'AKIAX', secretAccessKey: 'x' },
    };
    writeFileSync(join(folder, 'cloud.json'), JSON.stringify(record));
    const { code, stderr } = await project.drydock('cdk', '--state-dir', folder, '--', 'deploy', '--all');
    expect(code).toBe(1);
    expect(stderr).toContain('STS there names the account 123456789012');
    expect(asked.filter((what) => !what.startsWith('/_drydock'))).toEqual(['GetCallerIdentity']);
  });
});
