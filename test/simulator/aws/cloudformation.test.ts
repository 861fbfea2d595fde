import { AwsAccount } from '../../../lib/simulator/aws/account';
import { AwsError } from '../../../lib/simulator/aws/aws-error';
import { Simulation } from '../../../lib/simulator/simulation';

/** A stack of parameters: the smallest resources there are. */
function parameters(values: Record<string, unknown>, extra: object = {}): string {
  const Resources = Object.fromEntries(
    Object.entries(values).map(([id, Value]) => [
      id,
      { Type: 'AWS::SSM::Parameter', Properties: { Name: `/test/${id}`, Type: 'String', Value } },
    ]),
  );
  return JSON.stringify({ Resources, ...extra });
}

function newAccount(seed = 1): AwsAccount {
  return new AwsAccount({ simulation: new Simulation({ seed }) });
}

function cloudFormation(account: AwsAccount) {
  const call = (operation: string, input: object) => account.call('cloudformation', operation, { ...input });
  return {
    call,
    stack: (StackName: string) => call('DescribeStacks', { StackName }).Stacks[0],
    history: (StackName: string): string[] =>
      call('DescribeStackEvents', { StackName })
        .StackEvents.reverse()
        .map((event: Record<string, string>) => {
          const reason = event.ResourceStatusReason ? `: ${event.ResourceStatusReason}` : '';
          return `${event.LogicalResourceId} ${event.ResourceStatus}${reason}`;
        }),
  };
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('a stack', () => {
  test('creates what others need first, and writes the events that the real service writes', () => {
    const account = newAccount();
    const { call, stack, history } = cloudFormation(account);
    call('CreateStack', { StackName: 'web', TemplateBody: parameters({ B: { Ref: 'A' }, A: 'one' }) });
    expect(stack('web').StackStatus).toBe('CREATE_IN_PROGRESS');
    account.finishOperations();
    expect(history('web')).toEqual([
      'web CREATE_IN_PROGRESS: User Initiated',
      'A CREATE_IN_PROGRESS',
      'A CREATE_IN_PROGRESS: Resource creation Initiated',
      'A CREATE_COMPLETE',
      'B CREATE_IN_PROGRESS',
      'B CREATE_IN_PROGRESS: Resource creation Initiated',
      'B CREATE_COMPLETE',
      'web CREATE_COMPLETE',
    ]);
    expect(account.call('ssm', 'GetParameter', { Name: '/test/B' }).Parameter.Value).toBe('/test/A');
  });

  test('is refused before anything starts when a reference leads nowhere', () => {
    const { call } = cloudFormation(newAccount());
    const create = (TemplateBody: string) => refusal(() => call('CreateStack', { StackName: 'web', TemplateBody }));
    expect(create(parameters({ A: { Ref: 'Nowhere' } }))).toBe(
      'ValidationError: Template format error: Unresolved resource dependencies [Nowhere] in the Resources block of the template',
    );
    expect(create(parameters({ A: { 'Fn::GetAtt': ['B', 'Value'] } }))).toBe(
      'ValidationError: Template error: instance of Fn::GetAtt references undefined resource B',
    );
    expect(create(parameters({ A: { Ref: 'B' }, B: { Ref: 'A' } }))).toBe(
      'ValidationError: Circular dependency between resources: [A, B]',
    );
    expect(create('{ "Resources": { "X": { "Type": "AWS::Foo::Bar" } } }')).toContain('[AWS::Foo::Bar]');
    expect(call('DescribeStacks', {}).Stacks).toEqual([]);
  });

  test('rolls back when a resource fails, and can then only be deleted', () => {
    const account = newAccount();
    const { call, stack, history } = cloudFormation(account);
    account.call('ssm', 'PutParameter', { Name: '/test/B', Type: 'String', Value: 'taken' });
    call('CreateStack', { StackName: 'web', TemplateBody: parameters({ A: 'one', B: { Ref: 'A' } }) });
    account.finishOperations();
    expect(stack('web').StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(
      history('web')
        .slice(5)
        .map((line) => line.replace(/"The parameter already.*/, '"...')),
    ).toEqual([
      'B CREATE_FAILED: Resource handler returned message: "...',
      'web ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [B]. Rollback requested by user.',
      'B DELETE_COMPLETE',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      'web ROLLBACK_COMPLETE',
    ]);
    expect(refusal(() => call('UpdateStack', { StackName: 'web', TemplateBody: parameters({ A: 'two' }) }))).toMatch(
      /is in ROLLBACK_COMPLETE state and can not be updated/,
    );
    call('DeleteStack', { StackName: 'web' });
    account.finishOperations();
    expect(refusal(() => stack('web'))).toBe('ValidationError: Stack with id web does not exist');
  });

  test('updates in place, replaces by name, and cleans up what is gone', () => {
    const account = newAccount();
    const { call, stack, history } = cloudFormation(account);
    call('CreateStack', { StackName: 'web', TemplateBody: parameters({ A: 'one', Gone: 'x', Same: 'y' }) });
    account.finishOperations();
    const before = history('web').length;
    const template = JSON.parse(parameters({ A: 'two', Same: 'y', New: 'z' }));
    template.Resources.New.Properties.Name = '/test/fresh';
    call('UpdateStack', { StackName: 'web', TemplateBody: JSON.stringify(template) });
    account.finishOperations();
    expect(stack('web').StackStatus).toBe('UPDATE_COMPLETE');
    expect(history('web').slice(before)).toEqual([
      'web UPDATE_IN_PROGRESS: User Initiated',
      'A UPDATE_IN_PROGRESS',
      'New CREATE_IN_PROGRESS',
      'New CREATE_IN_PROGRESS: Resource creation Initiated',
      'A UPDATE_COMPLETE',
      'New CREATE_COMPLETE',
      'web UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Gone DELETE_IN_PROGRESS',
      'Gone DELETE_COMPLETE',
      'web UPDATE_COMPLETE',
    ]);
    template.Resources.New.Properties.Name = '/test/fresher';
    call('UpdateStack', { StackName: 'web', TemplateBody: JSON.stringify(template) });
    account.finishOperations();
    expect(history('web')).toContain(
      'New UPDATE_IN_PROGRESS: Requested update requires the creation of a new physical resource; hence creating one.',
    );
    expect(refusal(() => account.call('ssm', 'GetParameter', { Name: '/test/fresh' }))).toMatch(/ParameterNotFound/);
    expect(refusal(() => call('UpdateStack', { StackName: 'web', TemplateBody: JSON.stringify(template) }))).toBe(
      'ValidationError: No updates are to be performed.',
    );
  });

  test('puts everything back when an update fails', () => {
    const account = newAccount();
    const { call, stack } = cloudFormation(account);
    call('CreateStack', { StackName: 'web', TemplateBody: parameters({ A: 'one' }) });
    account.finishOperations();
    account.call('ssm', 'PutParameter', { Name: '/test/Bad', Type: 'String', Value: 'taken' });
    call('UpdateStack', {
      StackName: 'web',
      TemplateBody: parameters({ A: 'two', New: { Ref: 'A' }, Bad: { Ref: 'New' } }),
    });
    account.finishOperations();
    expect(stack('web').StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(account.call('ssm', 'GetParameter', { Name: '/test/A' }).Parameter.Value).toBe('one');
    expect(refusal(() => account.call('ssm', 'GetParameter', { Name: '/test/New' }))).toMatch(/ParameterNotFound/);
    expect(account.call('ssm', 'GetParameter', { Name: '/test/Bad' }).Parameter.Value).toBe('taken');
  });

  test('cannot go while another stack imports its export', () => {
    const account = newAccount();
    const { call, stack } = cloudFormation(account);
    const outputs = { Outputs: { Out: { Value: { Ref: 'A' }, Export: { Name: 'shared' } } } };
    call('CreateStack', { StackName: 'net', TemplateBody: parameters({ A: 'one' }, outputs) });
    account.finishOperations();
    call('CreateStack', { StackName: 'app', TemplateBody: parameters({ B: { 'Fn::ImportValue': 'shared' } }) });
    account.finishOperations();
    expect(account.call('ssm', 'GetParameter', { Name: '/test/B' }).Parameter.Value).toBe('/test/A');
    call('DeleteStack', { StackName: 'net' });
    account.finishOperations();
    expect(stack('net').StackStatus).toBe('DELETE_FAILED');
    expect(stack('net').StackStatusReason).toBe('Delete canceled. Cannot delete export shared as it is in use by app.');
    for (const StackName of ['app', 'net']) {
      call('DeleteStack', { StackName });
      account.finishOperations();
    }
    expect(call('DescribeStacks', {}).Stacks).toEqual([]);
  });

  test('reads YAML with short intrinsics, conditions, mappings and parameters', () => {
    const account = newAccount();
    const { call, stack } = cloudFormation(account);
    const TemplateBody = `
Parameters:
  Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
Mappings:
  Sizes: { dev: { size: small }, prod: { size: large } }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  A:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Name: !Sub '/\${AWS::StackName}/\${Stage}'
      Value: !Join ['-', [!FindInMap [Sizes, !Ref Stage, size], !If [IsProd, yes-prod, no-prod], !Select [1, !Split ['.', a.b.c]]]]
  OnlyProd:
    Type: AWS::SSM::Parameter
    Condition: IsProd
    Properties: { Type: String, Value: !GetAtt A.Value }
Outputs:
  Value: { Value: !GetAtt A.Value }
`;
    expect(
      refusal(() =>
        call('CreateStack', {
          StackName: 's',
          TemplateBody,
          Parameters: [{ ParameterKey: 'Stage', ParameterValue: 'x' }],
        }),
      ),
    ).toMatch(/must be one of AllowedValues/);
    call('CreateStack', { StackName: 's', TemplateBody });
    account.finishOperations();
    expect(stack('s').Outputs[0].OutputValue).toBe('small-no-prod-b');
    expect(stack('s').Parameters).toEqual([{ ParameterKey: 'Stage', ParameterValue: 'dev' }]);
    expect(call('ListStackResources', { StackName: 's' }).StackResourceSummaries).toHaveLength(1);
  });

  test('works out a change set: what changes, and what would be replaced', () => {
    const account = newAccount();
    const { call, stack } = cloudFormation(account);
    const changeSet = (name: string, template: string, type = 'UPDATE') =>
      call('CreateChangeSet', { StackName: 'web', ChangeSetName: name, ChangeSetType: type, TemplateBody: template });
    changeSet('first', parameters({ A: 'one', B: { Ref: 'A' } }), 'CREATE');
    expect(stack('web').StackStatus).toBe('REVIEW_IN_PROGRESS');
    call('ExecuteChangeSet', { StackName: 'web', ChangeSetName: 'first' });
    account.finishOperations();
    changeSet('none', parameters({ A: 'one', B: { Ref: 'A' } }));
    expect(call('DescribeChangeSet', { StackName: 'web', ChangeSetName: 'none' })).toMatchObject({
      Status: 'FAILED',
      StatusReason: expect.stringMatching(/^The submitted information didn't contain changes\./),
    });
    const template = JSON.parse(parameters({ A: 'one', B: { Ref: 'A' } }));
    template.Resources.A.Properties.Name = '/test/renamed';
    changeSet('rename', JSON.stringify(template));
    const changes = call('DescribeChangeSet', { StackName: 'web', ChangeSetName: 'rename' }).Changes;
    expect(
      changes.map(({ ResourceChange: c }: any) => [
        c.Action,
        c.LogicalResourceId,
        c.Replacement,
        c.Details[0].Evaluation,
      ]),
    ).toEqual([
      ['Modify', 'A', 'True', 'Static'],
      ['Modify', 'B', 'False', 'Dynamic'],
    ]);
  });

  test('refuses properties that the type does not have, and misses those that it must have', () => {
    const account = newAccount();
    const { call, history } = cloudFormation(account);
    const TemplateBody = JSON.stringify({
      Resources: { Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { Description: 'not its name' } } },
    });
    call('CreateStack', { StackName: 's', TemplateBody });
    account.finishOperations();
    expect(history('s')).toContain(
      [
        'Group CREATE_FAILED: Properties validation failed for resource Group with message:',
        '#: required key [GroupDescription] not found',
        '#: extraneous key [Description] is not permitted',
      ].join('\n'),
    );
  });

  test('keeps what its DeletionPolicy retains, and what a retry is told to retain', () => {
    const account = newAccount();
    const { call, stack } = cloudFormation(account);
    const template = JSON.parse(parameters({ Kept: 'one', Other: 'two' }));
    template.Resources.Kept.DeletionPolicy = 'Retain';
    template.Resources.Bucket = { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'full' } };
    call('CreateStack', { StackName: 's', TemplateBody: JSON.stringify(template) });
    account.finishOperations();
    account.call('s3', 'PutObject', { Bucket: 'full', Key: 'x', headers: {}, body: Buffer.from('x') });
    const { StackId } = stack('s');
    expect(refusal(() => call('DeleteStack', { StackName: 's', RetainResources: ['Bucket'] }))).toMatch(
      /only for stacks in the DELETE_FAILED state/,
    );
    call('DeleteStack', { StackName: 's' });
    account.finishOperations();
    expect(stack('s')).toMatchObject({
      StackStatus: 'DELETE_FAILED',
      StackStatusReason: 'The following resource(s) failed to delete: [Bucket]. ',
    });
    call('DeleteStack', { StackName: 's', RetainResources: ['Bucket'] });
    account.finishOperations();
    expect(stack(StackId).StackStatus).toBe('DELETE_COMPLETE');
    expect(account.call('ssm', 'GetParameter', { Name: '/test/Kept' }).Parameter.Value).toBe('one');
    expect(refusal(() => account.call('ssm', 'GetParameter', { Name: '/test/Other' }))).toMatch(/ParameterNotFound/);
  });

  test('can be deleted in the middle of its creation', () => {
    const account = newAccount();
    const { call } = cloudFormation(account);
    call('CreateStack', { StackName: 's', TemplateBody: parameters({ A: 'one', B: { Ref: 'A' }, C: { Ref: 'B' } }) });
    account.simulation.advance('3s');
    call('DeleteStack', { StackName: 's' });
    account.finishOperations();
    expect(account.operationsUnderWay).toEqual([]);
    expect(call('DescribeStacks', {}).Stacks).toEqual([]);
    expect(account.call('ssm', 'DescribeParameters').Parameters).toEqual([]);
  });

  test('is protected from deletion, if that is asked for', () => {
    const account = newAccount();
    const { call } = cloudFormation(account);
    const TemplateBody = parameters({ A: 'one' });
    call('CreateStack', { StackName: 's', TemplateBody, EnableTerminationProtection: true });
    account.finishOperations();
    expect(refusal(() => call('DeleteStack', { StackName: 's' }))).toBe(
      'ValidationError: Stack [s] cannot be deleted while TerminationProtection is enabled',
    );
    call('UpdateTerminationProtection', { StackName: 's', EnableTerminationProtection: false });
    expect(refusal(() => call('DeleteStack', { StackName: 's' }))).toBe('accepted');
  });

  test('brings up a nested stack, and fails with it', () => {
    const account = newAccount();
    const { call, stack, history } = cloudFormation(account);
    account.call('s3', 'CreateBucket', { Bucket: 'templates' });
    const put = (Key: string, body: string) =>
      account.call('s3', 'PutObject', { Bucket: 'templates', Key, headers: {}, body: Buffer.from(body) });
    put('good.json', parameters({ Inner: 'one' }, { Outputs: { Name: { Value: { Ref: 'Inner' } } } }));
    put('bad.json', JSON.stringify({ Resources: { G: { Type: 'AWS::EC2::SecurityGroup', Properties: {} } } }));
    const template = (file: string) =>
      JSON.stringify({
        Resources: {
          Child: {
            Type: 'AWS::CloudFormation::Stack',
            Properties: { TemplateURL: `https://templates.s3.eu-west-1.amazonaws.com/${file}` },
          },
        },
        Outputs: file === 'good.json' ? { Inner: { Value: { 'Fn::GetAtt': ['Child', 'Outputs.Name'] } } } : {},
      });
    call('CreateStack', { StackName: 'good', TemplateBody: template('good.json') });
    call('CreateStack', { StackName: 'bad', TemplateBody: template('bad.json') });
    account.finishOperations();
    expect(stack('good').Outputs[0].OutputValue).toBe('/test/Inner');
    expect(stack('bad').StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(history('bad').find((line) => line.startsWith('Child CREATE_FAILED'))).toMatch(
      /^Child CREATE_FAILED: Embedded stack arn:.* was not successfully created: .*required key \[GroupDescription\] not found/s,
    );
    call('DeleteStack', { StackName: 'good' });
    account.finishOperations();
    expect(account.call('ssm', 'DescribeParameters').Parameters).toEqual([]);
  });

  test('tells when a live resource has drifted', () => {
    const account = newAccount();
    const { call } = cloudFormation(account);
    call('CreateStack', { StackName: 's', TemplateBody: parameters({ A: 'one', B: 'two' }) });
    account.finishOperations();
    account.call('ssm', 'PutParameter', { Name: '/test/A', Value: 'changed', Overwrite: true });
    const { StackDriftDetectionId } = call('DetectStackDrift', { StackName: 's' });
    expect(call('DescribeStackDriftDetectionStatus', { StackDriftDetectionId })).toMatchObject({
      StackDriftStatus: 'DRIFTED',
      DriftedStackResourceCount: 1,
    });
    const StackResourceDriftStatusFilters = ['MODIFIED'];
    expect(
      call('DescribeStackResourceDrifts', { StackName: 's', StackResourceDriftStatusFilters }).StackResourceDrifts,
    ).toMatchObject([
      {
        LogicalResourceId: 'A',
        PropertyDifferences: [{ PropertyPath: '/Value', ExpectedValue: 'one', ActualValue: 'changed' }],
      },
    ]);
  });

  test('that failed and was left as it is can be tried again, or rolled back', () => {
    const account = newAccount();
    const { call, stack } = cloudFormation(account);
    const value = (name: string) => account.call('ssm', 'GetParameter', { Name: `/test/${name}` }).Parameter.Value;
    call('CreateStack', { StackName: 's', TemplateBody: parameters({ A: 'one' }) });
    account.finishOperations();
    account.call('ssm', 'PutParameter', { Name: '/test/B', Type: 'String', Value: 'taken' });
    const update = { StackName: 's', TemplateBody: parameters({ A: 'two', B: { Ref: 'A' } }), DisableRollback: true };
    call('UpdateStack', update);
    account.finishOperations();
    expect(stack('s').StackStatus).toBe('UPDATE_FAILED');
    expect(value('A')).toBe('two');
    call('RollbackStack', { StackName: 's' });
    account.finishOperations();
    expect(stack('s').StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect([value('A'), value('B')]).toEqual(['one', 'taken']);

    call('UpdateStack', update);
    account.finishOperations();
    account.call('ssm', 'DeleteParameter', { Name: '/test/B' });
    call('UpdateStack', update);
    account.finishOperations();
    expect(stack('s').StackStatus).toBe('UPDATE_COMPLETE');
    expect([value('A'), value('B')]).toEqual(['two', '/test/A']);
  });

  test('goes back when its update is cancelled', () => {
    const account = newAccount();
    const { call, stack } = cloudFormation(account);
    call('CreateStack', { StackName: 's', TemplateBody: parameters({ A: 'one' }) });
    account.finishOperations();
    expect(refusal(() => call('CancelUpdateStack', { StackName: 's' }))).toMatch(/^ValidationError/);
    call('UpdateStack', { StackName: 's', TemplateBody: parameters({ A: 'two', B: { Ref: 'A' }, C: { Ref: 'B' } }) });
    account.simulation.advance('3s');
    call('CancelUpdateStack', { StackName: 's' });
    account.finishOperations();
    expect(account.operationsUnderWay).toEqual([]);
    expect(stack('s').StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(account.call('ssm', 'DescribeParameters').Parameters).toHaveLength(1);
    expect(account.call('ssm', 'GetParameter', { Name: '/test/A' }).Parameter.Value).toBe('one');
  });

  test('rolls back when it takes longer than it may', () => {
    const account = newAccount();
    const { call, stack, history } = cloudFormation(account);
    const TemplateBody = JSON.stringify({
      Resources: {
        Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: {} } },
        Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: [] }, DependsOn: 'Key' },
      },
    });
    call('CreateStack', { StackName: 's', TemplateBody, TimeoutInMinutes: 1, Capabilities: ['CAPABILITY_IAM'] });
    account.finishOperations();
    expect(stack('s').StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(history('s')).toContain(
      's ROLLBACK_IN_PROGRESS: Stack creation time exceeded the specified timeout. Rollback requested by user.',
    );
    expect(account.call('iam', 'ListInstanceProfiles').InstanceProfiles).toEqual([]);
  });

  test('has the same history for the same seed', () => {
    const run = (seed: number) => {
      const account = newAccount(seed);
      const { call } = cloudFormation(account);
      call('CreateStack', { StackName: 'web', TemplateBody: parameters({ A: 'one', B: { Ref: 'A' } }) });
      account.finishOperations();
      return JSON.stringify(call('DescribeStackEvents', { StackName: 'web' }));
    };
    expect(run(7)).toBe(run(7));
    expect(run(7)).not.toBe(run(8));
  });
});
