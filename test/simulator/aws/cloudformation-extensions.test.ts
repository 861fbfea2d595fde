/** What a template may say beyond the basics, and what guards a stack. */
import { AwsAccount } from '../../../lib/simulator/aws/account';
import { AwsError } from '../../../lib/simulator/aws/aws-error';
import { Simulation } from '../../../lib/simulator/simulation';

function cloud(allowedTypes: string[] = []) {
  const account = new AwsAccount({ simulation: new Simulation({ seed: 1 }), allowedTypes });
  const call = (operation: string, input: object): any => account.call('cloudformation', operation, { ...input });
  const run = (operation: string, StackName: string, template: object, input: object = {}) => {
    const Capabilities = ['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'];
    call(operation, { StackName, TemplateBody: JSON.stringify(template), Capabilities, ...input });
    account.finishOperations();
    return call('DescribeStacks', { StackName }).Stacks[0].StackStatus as string;
  };
  const parameter = (Name: string): string => account.call('ssm', 'GetParameter', { Name }).Parameter.Value;
  const reasons = (StackName: string): string[] =>
    call('DescribeStackEvents', { StackName })
      .StackEvents.filter((event: any) => event.ResourceStatus === 'UPDATE_FAILED')
      .map((event: any) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`);
  return { account, call, run, parameter, reasons };
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

const parameter = (Name: string, Value: unknown, extra: object = {}) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name, Type: 'String', Value },
  ...extra,
});

describe('AWS::LanguageExtensions', () => {
  const template = {
    Transform: 'AWS::LanguageExtensions',
    Parameters: { Zones: { Type: 'CommaDelimitedList', Default: 'a,b' }, Keep: { Type: 'String', Default: 'Retain' } },
    Mappings: { Sizes: { dev: { nodes: '2' } } },
    Resources: {
      'Fn::ForEach::Zones': [
        'Zone',
        { Ref: 'Zones' },
        {
          'Fn::ForEach::Kinds': [
            'Kind',
            ['x/1', 'y'],
            {
              'P${Zone}&{Kind}': parameter('/${Zone}/${Kind}', {
                'Fn::Join': ['-', [{ Ref: 'Zone' }, { Ref: 'Kind' }]],
              }),
            },
          ],
        },
      ],
      Json: parameter('/json', {
        'Fn::ToJsonString': { zones: { Ref: 'Zones' }, count: { 'Fn::Length': { Ref: 'Zones' } } },
      }),
      Default: parameter(
        '/default',
        { 'Fn::FindInMap': ['Sizes', 'prod', 'nodes', { DefaultValue: '5' }] },
        { DeletionPolicy: { Ref: 'Keep' } },
      ),
    },
    Outputs: {
      'Fn::ForEach::Out': ['Zone', ['a', 'b'], { 'Out${Zone}': { Value: { Ref: 'P${Zone}y' } } }],
    },
  };

  test('writes loops out, also in each other, and takes its own functions', () => {
    const { call, run, parameter, account } = cloud();
    expect(run('CreateStack', 'loops', template)).toBe('CREATE_COMPLETE');
    expect(['/a/x/1', '/a/y', '/b/x/1', '/b/y'].map(parameter)).toEqual(['a-x/1', 'a-y', 'b-x/1', 'b-y']);
    expect(JSON.parse(parameter('/json'))).toEqual({ zones: ['a', 'b'], count: 2 });
    expect(parameter('/default')).toBe('5');
    const { Outputs } = call('DescribeStacks', { StackName: 'loops' }).Stacks[0];
    expect(Outputs.map((output: any) => [output.OutputKey, output.OutputValue])).toEqual([
      ['Outa', '/a/y'],
      ['Outb', '/b/y'],
    ]);
    const { TemplateBody } = call('GetTemplate', { StackName: 'loops', TemplateStage: 'Processed' });
    expect(Object.keys(JSON.parse(TemplateBody).Resources)).toContain('Pax1');

    // Fewer zones: the resources of the one that is gone go, too.
    const Parameters = [{ ParameterKey: 'Zones', ParameterValue: 'b' }];
    const withoutOutputs = { ...template, Outputs: {} };
    expect(run('UpdateStack', 'loops', withoutOutputs, { Parameters })).toBe('UPDATE_COMPLETE');
    expect(refusal(() => parameter('/a/y'))).toMatch(/ParameterNotFound/);
    call('DeleteStack', { StackName: 'loops' });
    account.finishOperations();
    expect(parameter('/default')).toBe('5');
  });

  test('is needed for its functions, and is acknowledged', () => {
    const { run } = cloud();
    const { Json } = template.Resources;
    const without = { Parameters: template.Parameters, Resources: { Json } };
    expect(refusal(() => run('CreateStack', 'a', without))).toContain(
      "is not supported without 'AWS::LanguageExtensions' transform",
    );
    expect(refusal(() => run('CreateStack', 'a', template, { Capabilities: [] }))).toBe(
      'InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_AUTO_EXPAND]',
    );
    expect(refusal(() => run('CreateStack', 'a', { ...template, Transform: 'AWS::Serverless-2016-10-31' }))).toContain(
      'AWS::Serverless-2016-10-31',
    );
  });
});

describe('a stack policy', () => {
  const policy = (...denied: object[]) =>
    JSON.stringify({
      Statement: [
        { Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' },
        ...denied.map((statement) => ({ Effect: 'Deny', Principal: '*', ...statement })),
      ],
    });
  const values = (a: string, b: string) => ({ Resources: { A: parameter('/a', a), B: parameter('/b', b) } });

  test.each([
    ['modify', 'Update:Modify', values('1', '2')],
    ['replace', 'Update:Replace', { Resources: { A: parameter('/a', '1'), B: parameter('/other', '1') } }],
    ['delete', 'Update:Delete', { Resources: { A: parameter('/a', '1') } }],
  ])('keeps an update from it: %s', (_what, Action, next) => {
    const { call, run, parameter, reasons } = cloud();
    run('CreateStack', 's', values('1', '1'), {
      StackPolicyBody: policy({ Action: [Action], Resource: 'LogicalResourceId/B' }),
    });
    expect(run('UpdateStack', 's', next)).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasons('s')).toEqual([
      `B: Action denied by stack policy: Statement [#2] does not allow [${Action}] for resource [LogicalResourceId/B]`,
    ]);
    expect(parameter('/b')).toBe('1');
    // For once, by a policy that counts for one update.
    expect(run('UpdateStack', 's', next, { StackPolicyDuringUpdateBody: policy() })).toBe('UPDATE_COMPLETE');
    expect(JSON.parse(call('GetStackPolicy', { StackName: 's' }).StackPolicyBody).Statement).toHaveLength(2);
  });

  test('denies what it does not allow, and may go by type', () => {
    const { call, run, reasons } = cloud();
    run('CreateStack', 's', values('1', '1'));
    const Condition = { StringEquals: { ResourceType: ['AWS::SSM::Parameter'] } };
    const StackPolicyBody = JSON.stringify({
      Statement: [{ Effect: 'Deny', Principal: '*', Action: 'Update:Replace', Resource: '*', Condition }],
    });
    call('SetStackPolicy', { StackName: 's', StackPolicyBody });
    expect(run('UpdateStack', 's', values('1', '2'))).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasons('s')).toEqual(['B: Action not allowed by stack policy']);
    expect(refusal(() => call('SetStackPolicy', { StackName: 's', StackPolicyBody: '{}' }))).toContain(
      'Error validating stack policy',
    );
  });
});

describe('an import', () => {
  const vpcTemplate = {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' }, DeletionPolicy: 'Retain' },
  };
  const changeSet = (Resources: object, VpcId: string) => ({
    StackName: 'adopted',
    ChangeSetName: 'import',
    ChangeSetType: 'IMPORT',
    TemplateBody: JSON.stringify({ Resources }),
    ResourcesToImport: [{ ResourceType: 'AWS::EC2::VPC', LogicalResourceId: 'Vpc', ResourceIdentifier: { VpcId } }],
  });

  test('makes a network that exists one of the stack, without touching it', () => {
    const { account, call } = cloud();
    const { vpcId } = account.call('ec2', 'CreateVpc', { CidrBlock: '10.0.0.0/16' }).vpc;
    const summary = call('GetTemplateSummary', { TemplateBody: JSON.stringify({ Resources: vpcTemplate }) });
    expect(summary.ResourceIdentifierSummaries).toEqual([
      { ResourceType: 'AWS::EC2::VPC', LogicalResourceIds: ['Vpc'], ResourceIdentifiers: ['VpcId'] },
    ]);
    call('CreateChangeSet', changeSet(vpcTemplate, vpcId));
    const { Changes } = call('DescribeChangeSet', { StackName: 'adopted', ChangeSetName: 'import' });
    expect(Changes.map((change: any) => change.ResourceChange)).toEqual([
      expect.objectContaining({ Action: 'Import', LogicalResourceId: 'Vpc', PhysicalResourceId: vpcId }),
    ]);
    call('ExecuteChangeSet', { StackName: 'adopted', ChangeSetName: 'import' });
    account.finishOperations();
    const events = call('DescribeStackEvents', { StackName: 'adopted' }).StackEvents.reverse();
    expect(events.map((event: any) => `${event.LogicalResourceId} ${event.ResourceStatus}`)).toEqual([
      'adopted REVIEW_IN_PROGRESS',
      'adopted IMPORT_IN_PROGRESS',
      'Vpc IMPORT_IN_PROGRESS',
      'Vpc IMPORT_COMPLETE',
      'adopted IMPORT_COMPLETE',
    ]);
    // It is a resource like any other now: it takes updates, and its policy keeps it when the stack goes.
    const Properties = { CidrBlock: '10.0.0.0/16', EnableDnsHostnames: true };
    const TemplateBody = JSON.stringify({ Resources: { Vpc: { ...vpcTemplate.Vpc, Properties } } });
    call('UpdateStack', { StackName: 'adopted', TemplateBody });
    account.finishOperations();
    const attribute = account.call('ec2', 'DescribeVpcAttribute', { VpcId: vpcId, Attribute: 'enableDnsHostnames' });
    expect(attribute.enableDnsHostnames).toEqual({ value: true });
    call('DeleteStack', { StackName: 'adopted' });
    account.finishOperations();
    expect(account.call('ec2', 'DescribeVpcs').vpcSet).toHaveLength(1);
  });

  test('is refused or undone when it cannot be', () => {
    const { account, call } = cloud();
    const { DeletionPolicy: _, ...unprotected } = vpcTemplate.Vpc;
    expect(refusal(() => call('CreateChangeSet', changeSet({ Vpc: unprotected }, 'vpc-1')))).toContain(
      'must have DeletionPolicy attribute specified in the template',
    );
    expect(
      refusal(() => call('CreateChangeSet', changeSet({ ...vpcTemplate, P: parameter('/p', 'x') }, 'vpc-1'))),
    ).toContain('As part of the import operation, you cannot modify or add');
    call('CreateChangeSet', changeSet(vpcTemplate, 'vpc-0123456789abcdef0'));
    call('ExecuteChangeSet', { StackName: 'adopted', ChangeSetName: 'import' });
    account.finishOperations();
    const [stack] = call('DescribeStacks', { StackName: 'adopted' }).Stacks;
    expect(stack.StackStatus).toBe('IMPORT_ROLLBACK_COMPLETE');
    const failed = call('DescribeStackEvents', { StackName: 'adopted' }).StackEvents.find(
      (event: any) => event.ResourceStatus === 'IMPORT_FAILED',
    );
    expect(failed.ResourceStatusReason).toContain("identifier 'vpc-0123456789abcdef0' was not found");
  });
});

test('a request that is sent twice is carried out once; a token is used for one operation', () => {
  const { account, call } = cloud();
  const TemplateBody = JSON.stringify({ Resources: { A: parameter('/a', '1') } });
  const input = { StackName: 's', TemplateBody, ClientRequestToken: 'one' };
  expect(call('CreateStack', input).StackId).toBe(call('CreateStack', input).StackId);
  expect(refusal(() => call('CreateStack', { ...input, ClientRequestToken: 'two' }))).toContain(
    'AlreadyExistsException',
  );
  account.finishOperations();
  const next = { ...input, TemplateBody: TemplateBody.replace('"1"', '"2"') };
  expect(refusal(() => call('UpdateStack', next))).toContain('TokenAlreadyExistsException');
});

test('long answers come in pages', () => {
  const { run, call } = cloud();
  const Resources = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`P${i}`, parameter(`/p/${i}`, 'x')]));
  run('CreateStack', 'many', { Resources });
  const first = call('DescribeStackEvents', { StackName: 'many' });
  expect(first.StackEvents).toHaveLength(100);
  let count = 100;
  for (let token = first.NextToken; token; ) {
    const page = call('DescribeStackEvents', { StackName: 'many', NextToken: token });
    count += page.StackEvents.length;
    token = page.NextToken;
  }
  expect(count).toBe(120 * 3 + 2);
});

test('a template has no more than 500 resources', () => {
  const handle = { Type: 'AWS::CloudFormation::WaitConditionHandle' };
  const Resources = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`H${i}`, handle]));
  expect(refusal(() => cloud().call('ValidateTemplate', { TemplateBody: JSON.stringify({ Resources }) }))).toBe(
    'ValidationError: Template format error: Number of resources, 501, is greater than maximum allowed, 500',
  );
});

test('a type that is not simulated is refused by name, unless the account lets it pass', () => {
  const template = {
    Resources: {
      Function: { Type: 'AWS::Lambda::Function', Properties: { Handler: 'index.handler' } },
      Custom: { Type: 'Custom::Thing', Properties: { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] } } },
    },
  };
  expect(refusal(() => cloud().run('CreateStack', 's', template))).toContain(
    'Unrecognized resource types: [AWS::Lambda::Function, Custom::Thing]',
  );
  const { run } = cloud(['AWS::Lambda::Function', 'Custom::*']);
  expect(run('CreateStack', 's', template)).toBe('CREATE_COMPLETE');
});
