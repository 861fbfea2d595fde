import { App, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { ClusterStack, NetworkStack, NodeGroupStack, TemplateRules, templateRules } from '../../lib/stacks';

function synthesize(build: (app: App) => void): void {
  const app = new App({ builtinCloudFormationValidation: false, analyticsReporting: false });
  Validations.of(app).addPlugins(new TemplateRules());
  build(app);
  app.synth();
}

const env = { region: 'eu-west-1' };

test('our own stacks keep every rule', () => {
  synthesize((app) => {
    const { vpc } = new NetworkStack(app, 'network', { env });
    const { cluster } = new ClusterStack(app, 'cluster', { env, vpc, publicAccessCidrs: ['198.51.100.0/24'] });
    new NodeGroupStack(app, 'nodes', { env, cluster });
  });
});

/** What the L2s give when nobody thinks about it. */
function careless(app: App): Stack {
  const stack = new Stack(app, 'careless', { env });
  const vpc = new ec2.Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false });
  const cluster = new eks.Cluster(stack, 'Cluster', {
    vpc,
    version: eks.KubernetesVersion.V1_35,
    defaultCapacityType: eks.DefaultCapacityType.NODEGROUP,
  });
  new eks.Addon(stack, 'CoreDns', { cluster, addonName: 'coredns' });
  return stack;
}

function brokenRules(build: (app: App) => void): string[] {
  const printed: string[] = [];
  const spies = (['log', 'error', 'info', 'warn'] as const).map((method) =>
    jest.spyOn(console, method).mockImplementation((...parts) => void printed.push(parts.join(' '))),
  );
  const previous = process.exitCode;
  try {
    synthesize(build);
  } catch (error) {
    printed.push(String(error));
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = previous;
  }
  return templateRules.map(({ id }) => id).filter((id) => printed.join('\n').includes(id));
}

test('the defaults of the CDK break some, and synthesis says which', () => {
  expect(brokenRules(careless)).toEqual([
    'cluster-endpoint-is-open',
    'cluster-is-not-logged',
    'secrets-are-not-encrypted',
    'addon-comes-before-nodes',
    'updates-break-disruption-budgets',
    'nodes-are-not-hardened',
  ]);
});

test('a rule is acknowledged where it does not fit', () => {
  const broken = brokenRules((app) => {
    const stack = careless(app);
    const reason = 'a demo for an hour';
    Validations.of(stack).acknowledge({ id: 'drydock::cluster-endpoint-is-open', reason });
    Validations.of(stack.node.findChild('Cluster')).acknowledge({ id: 'drydock::cluster-is-not-logged', reason });
  });
  expect(broken).not.toContain('cluster-endpoint-is-open');
  expect(broken).not.toContain('cluster-is-not-logged');
  expect(broken).toContain('secrets-are-not-encrypted');
});

describe('each rule sees what it is for, and nothing else', () => {
  const subnet = (...tags: [string, string][]) => ({
    Type: 'AWS::EC2::Subnet',
    Properties: { Tags: tags.map(([Key, Value]) => ({ Key, Value })) },
  });
  const nodes = { Type: 'AWS::EKS::Nodegroup', Properties: { LaunchTemplate: { Id: { Ref: 'LT' } } } };
  const launchTemplate = (data: object) => ({
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: { LaunchTemplateData: data },
  });
  const hard = { MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 } };
  const cluster = (vpc: object) => ({ Type: 'AWS::EKS::Cluster', Properties: { ResourcesVpcConfig: vpc } });

  test.each<[string, Record<string, object>, string[]]>([
    ['cluster-endpoint-is-open', { C: cluster({}) }, ['C']],
    ['cluster-endpoint-is-open', { C: cluster({ EndpointPublicAccess: false }) }, []],
    ['cluster-endpoint-is-open', { C: cluster({ PublicAccessCidrs: ['198.51.100.0/24', '::/0'] }) }, ['C']],
    ['subnets-are-not-tagged', { S: subnet(['aws-cdk:subnet-type', 'Public']) }, ['S']],
    ['subnets-are-not-tagged', { S: subnet(['aws-cdk:subnet-type', 'Isolated']) }, []],
    [
      'subnets-are-not-tagged',
      { S: subnet(['aws-cdk:subnet-type', 'Private'], ['kubernetes.io/role/internal-elb', '1']) },
      [],
    ],
    ['nodes-are-not-hardened', { N: nodes, LT: launchTemplate(hard) }, []],
    [
      'nodes-are-not-hardened',
      { N: nodes, LT: launchTemplate({ MetadataOptions: { HttpTokens: 'required' } }) },
      ['LT'],
    ],
    ['nodes-are-not-hardened', { LT: launchTemplate({}) }, []],
    ['volumes-are-not-encrypted', { N: nodes, LT: launchTemplate({ BlockDeviceMappings: [{ Ebs: {} }] }) }, ['LT']],
    [
      'default-security-group-is-used',
      {
        X: {
          Type: 'AWS::EC2::Instance',
          Properties: { SecurityGroupIds: [{ 'Fn::GetAtt': ['Vpc', 'DefaultSecurityGroup'] }] },
        },
      },
      ['X'],
    ],
  ])('%s %#', (id, Resources, expected) => {
    const rule = templateRules.find((one) => one.id === id)!;
    expect(rule.violations({ Resources: Resources as never })).toEqual(expected);
  });
});
