import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { AwsAccount } from '../../../lib/simulator/aws/account';
import { type AwsEndpoint, serveAws } from '../../../lib/simulator/aws/http/endpoint';
import { Simulation } from '../../../lib/simulator/simulation';

describe('the AWS endpoint, asked by the real SDK', () => {
  const account = new AwsAccount({ simulation: new Simulation() });
  let endpoint: AwsEndpoint;
  const config = () => ({
    endpoint: endpoint.url,
    region: 'eu-west-1',
    credentials: account.credentials,
    maxAttempts: 1,
  });

  beforeAll(async () => {
    endpoint = await serveAws(account);
  });
  afterAll(() => endpoint.close());

  test('says who the caller is', async () => {
    const sts = new STSClient(config());
    await expect(sts.send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
      Account: account.accountId,
      Arn: `arn:aws:iam::${account.accountId}:user/drydock`,
    });
  });

  test('has finished a stack by the time somebody asks for it', async () => {
    const client = new CloudFormationClient(config());
    const TemplateBody = JSON.stringify({
      Resources: { A: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'a < b & "c"' } } },
      Outputs: { Value: { Value: { 'Fn::GetAtt': ['A', 'Value'] }, Export: { Name: 'value' } } },
    });
    await client.send(new CreateStackCommand({ StackName: 'web', TemplateBody, Tags: [{ Key: 'team', Value: 'x' }] }));
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'web' }));
    expect(Stacks?.[0]).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      Outputs: [{ OutputKey: 'Value', OutputValue: 'a < b & "c"', ExportName: 'value' }],
      Tags: [{ Key: 'team', Value: 'x' }],
      CreationTime: new Date(Date.UTC(2026, 0, 1)),
    });
    const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: 'web' }));
    expect(StackEvents?.[0]?.ResourceStatus).toBe('CREATE_COMPLETE');
  });

  test('answers errors as the SDK knows them', async () => {
    const client = new CloudFormationClient(config());
    await expect(client.send(new DescribeStacksCommand({ StackName: 'nope' }))).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id nope does not exist',
    });
  });

  test('names what it does not simulate', async () => {
    const answer = await fetch(endpoint.url, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/cloudformation/aws4_request',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'Action=RegisterType&Version=2010-05-15',
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('The action RegisterType of CloudFormation is not simulated');
  });

  test('survives nonsense, and says so', async () => {
    const ask = (path: string, headers: Record<string, string>, body?: string) =>
      fetch(`${endpoint.url}${path}`, { method: body === undefined ? 'GET' : 'POST', headers, body });
    const signedFor = (service: string) => ({
      authorization: `AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/${service}/aws4_request`,
    });
    const unknown = await ask('/', signedFor('sagemaker'));
    expect([unknown.status, unknown.headers.get('x-amzn-errortype')]).toEqual([400, 'NotSimulated']);
    expect(await unknown.text()).toContain('The service \\"sagemaker\\" is not simulated by drydock');
    expect((await ask('/clusters/%E0%A4%A', signedFor('eks'))).status).toBe(400);
    expect((await ask('/clusters', signedFor('eks'), '{"name": ')).status).toBe(400);
    expect((await ask('/clusters/x?__proto__=1&constructor=2', signedFor('eks'))).status).toBe(404);
    const form = { ...signedFor('ec2'), 'content-type': 'application/x-www-form-urlencoded' };
    const polluted = await ask('/', form, 'Action=DescribeVpcs&__proto__.polluted=1&Filter.1.Name=nonsense');
    expect(polluted.status).toBe(200);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    await expect(new STSClient(config()).send(new GetCallerIdentityCommand({}))).resolves.toBeDefined();
  });
});
