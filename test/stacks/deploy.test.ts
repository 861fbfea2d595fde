/** Every construct of the platform, deployed to the simulated AWS and taken down again. */
import { App, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { AwsAccount } from '../../lib/simulator/aws/account';
import { bootstrapRegion } from '../../lib/simulator/aws/bootstrap';
import { Simulation } from '../../lib/simulator/simulation';
import { Environment, type EnvironmentSettings } from '../../lib/stacks';

const region = 'eu-west-1';
const newApp = () => new App({ builtinCloudFormationValidation: false, analyticsReporting: false });

function newAccount() {
  const account = new AwsAccount({ simulation: new Simulation({ seed: 1 }) });
  bootstrapRegion(account);
  return account;
}

/** Deploys the stacks of an environment one after the other, as the CDK does; gives back what failed, in CloudFormation's words. */
function deploy(account: AwsAccount, name: string, settings: EnvironmentSettings) {
  const made = new Environment(newApp(), name, settings);
  const failures: string[] = [];
  const { stacks } = (made.stacks[0]!.node.root as App).synth();
  for (const { stackName, template } of stacks) {
    account.call('cloudformation', 'CreateStack', {
      StackName: stackName,
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    });
    account.finishOperations();
    const { StackEvents } = account.call('cloudformation', 'DescribeStackEvents', { StackName: stackName }) as any;
    for (const event of StackEvents) {
      if (/FAILED/.test(event.ResourceStatus))
        failures.push(`${event.LogicalResourceId}: ${event.ResourceStatusReason}`);
    }
  }
  return { names: stacks.map(({ stackName }) => stackName), failures };
}

function destroy(account: AwsAccount, names: readonly string[]): string[] {
  return [...names].reverse().map((StackName) => {
    account.call('cloudformation', 'DeleteStack', { StackName });
    account.finishOperations();
    const { Stacks } = account.call('cloudformation', 'DescribeStacks', {}) as any;
    return Stacks.find((stack: any) => stack.StackName === StackName)?.StackStatus ?? 'gone';
  });
}

test.each<[string, EnvironmentSettings]>([
  [
    'everything with node groups',
    {
      stage: 'development',
      region,
      natGateways: 'single',
      nodeGroups: {
        system: {},
        batch: { operatingSystem: 'bottlerocket', instanceTypes: [new ec2.InstanceType('m7g.large')] },
      },
      autoscaler: 'karpenter',
      fargate: [{ namespace: 'batch' }],
      fileSystem: { removalPolicy: RemovalPolicy.DESTROY },
      observability: 'container-insights',
    },
  ],
  ['Auto Mode', { stage: 'development', region, compute: 'auto' }],
  ['a network without NAT', { stage: 'development', region, natGateways: 'none', nodeGroups: { nodes: {} } }],
])('%s comes up and goes again', (_, settings) => {
  const account = newAccount();
  const { names, failures } = deploy(account, 'dev', settings);
  expect(failures).toEqual([]);
  expect(destroy(account, names)).toEqual(names.map(() => 'gone'));
});
