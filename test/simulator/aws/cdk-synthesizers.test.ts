/**
 * The CDK's own deployment engine against the simulated account: every stack synthesizer, both deployment methods, nested
 * stacks, exports between stacks.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Toolkit } from '@aws-cdk/toolkit-lib';
import {
  App,
  BootstraplessSynthesizer,
  CfnOutput,
  CliCredentialsStackSynthesizer,
  DefaultStackSynthesizer,
  type IStackSynthesizer,
  LegacyStackSynthesizer,
  NestedStack,
  Stack,
} from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnParameter as CfnSsmParameter } from 'aws-cdk-lib/aws-ssm';
import { AwsAccount } from '../../../lib/simulator/aws/account';
import { bootstrapRegion } from '../../../lib/simulator/aws/bootstrap';
import { type AwsEndpoint, serveAws } from '../../../lib/simulator/aws/http/endpoint';
import { Simulation } from '../../../lib/simulator/simulation';

jest.setTimeout(60_000);

const account = new AwsAccount({ simulation: new Simulation() });
const requests: string[] = [];
const before = { ...process.env };
let endpoint: AwsEndpoint;
let directory: string;
let toolkit: Toolkit;

beforeAll(async () => {
  bootstrapRegion(account);
  directory = mkdtempSync(join(tmpdir(), 'drydock-synthesizers-'));
  endpoint = await serveAws(account, { onRequest: (operation) => requests.push(operation ?? 'unknown') });
  Object.assign(process.env, {
    HOME: directory,
    CDK_HOME: directory,
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_ACCESS_KEY_ID: account.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: account.credentials.secretAccessKey,
    AWS_REGION: 'eu-west-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  });
  toolkit = new Toolkit({
    ioHost: { notify: async () => {}, requestResponse: async ({ defaultResponse }: any) => defaultResponse },
  });
});
afterAll(async () => {
  await endpoint.close();
  process.env = before;
  rmSync(directory, { recursive: true });
});

async function assembly(name: string, build: (app: App) => void) {
  const outdir = join(directory, name);
  const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: false });
  build(app);
  app.synth();
  return toolkit.synth(await toolkit.fromAssemblyDirectory(outdir));
}

beforeEach(() => {
  requests.length = 0;
});

const logGroups = () => account.call('logs', 'DescribeLogGroups').logGroups.map((group: any) => group.logGroupName);

const poll = { stackEventPollingInterval: 5 };

const SYNTHESIZERS: Record<
  string,
  { make(): IStackSynthesizer; assets: boolean; wire: 'TemplateURL' | 'TemplateBody' }
> = {
  default: { make: () => new DefaultStackSynthesizer(), assets: true, wire: 'TemplateURL' },
  legacy: { make: () => new LegacyStackSynthesizer(), assets: false, wire: 'TemplateBody' },
  'cli credentials': { make: () => new CliCredentialsStackSynthesizer(), assets: true, wire: 'TemplateURL' },
  bootstrapless: { make: () => new BootstraplessSynthesizer(), assets: false, wire: 'TemplateBody' },
};

describe.each(Object.entries(SYNTHESIZERS))('the %s synthesizer', (name, { make, assets, wire }) => {
  test.each(['change-set', 'direct'] as const)(
    'deploys by %s, sees no change, updates and destroys',
    async (method) => {
      const stackName = `${name.replace(' ', '-')}-${method}`;
      const synthesized = (retentionInDays: number) =>
        assembly(`${stackName}-${retentionInDays}`, (app) => {
          const stack = new Stack(app, stackName, { synthesizer: make() });
          new CfnLogGroup(stack, 'Group', { logGroupName: `/${stackName}`, retentionInDays });
          if (assets) {
            writeFileSync(join(directory, 'asset.txt'), stackName);
            const asset = new Asset(stack, 'Asset', { path: join(directory, 'asset.txt') });
            new CfnOutput(stack, 'Url', { value: asset.s3ObjectUrl });
          }
        });
      const deploymentMethod = { method };
      requests.length = 0;
      const first = await toolkit.deploy(await synthesized(7), { deploymentMethod, ...poll });
      expect(logGroups()).toEqual([`/${stackName}`]);
      expect(requests).toContain(method === 'direct' ? 'cloudformation:CreateStack' : 'cloudformation:CreateChangeSet');
      if (assets) expect(first.stacks[0]!.outputs.Url).toMatch(/^s3:\/\/cdk-hnb659fds-assets-/);
      // Inline templates are YAML, as the CDK writes them.
      const { TemplateBody } = account.call('cloudformation', 'GetTemplate', { StackName: stackName });
      expect(TemplateBody.trimStart().startsWith('{')).toBe(wire === 'TemplateURL');

      requests.length = 0;
      await toolkit.deploy(await synthesized(7), { deploymentMethod, ...poll });
      expect(requests.filter((one) => /CreateStack$|ExecuteChangeSet$/.test(one))).toEqual([]);

      await toolkit.deploy(await synthesized(14), { deploymentMethod, ...poll });
      expect(account.call('logs', 'DescribeLogGroups').logGroups[0].retentionInDays).toBe(14);
      await toolkit.destroy(await synthesized(14), poll);
      expect(logGroups()).toEqual([]);
    },
  );
});

test('stacks that import from each other and nested stacks come and go in order', async () => {
  const app = await assembly('several', (app) => {
    const base = new Stack(app, 'base');
    const group = new CfnLogGroup(base, 'Group', {});
    const middle = new Stack(app, 'middle');
    const nested = new NestedStack(middle, 'Nested');
    const inner = new CfnLogGroup(nested, 'Inner', { logGroupName: `${group.ref}-inner` });
    const deeper = new NestedStack(nested, 'Deeper');
    new CfnSsmParameter(deeper, 'Parameter', { type: 'String', name: '/deep', value: inner.attrArn });
    const top = new Stack(app, 'top');
    new CfnLogGroup(top, 'Group', { logGroupName: `${inner.ref}-top` });
  });
  const { stacks } = await toolkit.deploy(app, { concurrency: 3, ...poll });
  expect(stacks.map(({ stackName }) => stackName)).toEqual(['base', 'middle', 'top']);
  expect(logGroups()).toHaveLength(3);
  expect(account.call('ssm', 'GetParameter', { Name: '/deep' }).Parameter.Value).toMatch(/-inner:\*$/);

  // While somebody imports it, an export cannot go.
  account.call('cloudformation', 'DeleteStack', { StackName: 'base' });
  account.finishOperations();
  expect(account.call('cloudformation', 'DescribeStacks', { StackName: 'base' }).Stacks[0]).toMatchObject({
    StackStatus: 'DELETE_FAILED',
    StackStatusReason: expect.stringMatching(/Delete canceled. Cannot delete export .* as it is in use by middle/),
  });
  await toolkit.destroy(app, poll);
  expect(account.call('cloudformation', 'DescribeStacks').Stacks.map((stack: any) => stack.StackName)).toEqual([
    'CDKToolkit',
  ]);
});
