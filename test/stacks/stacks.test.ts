import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { NodeGroupStackProps } from '../../lib/stacks';
import {
  ClusterStack,
  type ClusterStackProps,
  NetworkStack,
  type NetworkStackProps,
  NodeGroupStack,
} from '../../lib/stacks';

interface Options {
  readonly network?: NetworkStackProps;
  readonly cluster?: Partial<ClusterStackProps>;
  readonly nodes?: Partial<NodeGroupStackProps>;
}

const env = { region: 'eu-west-1' };

function synthesize(options: Options = {}) {
  const app = new App({ builtinCloudFormationValidation: false, analyticsReporting: false });
  const network = new NetworkStack(app, 'network', { env, ...options.network });
  const cluster = new ClusterStack(app, 'cluster', { env, vpc: network.vpc, ...options.cluster });
  const nodes = new NodeGroupStack(app, 'nodes', { env, cluster: cluster.cluster, ...options.nodes });
  return {
    app,
    network: Template.fromStack(network),
    cluster: Template.fromStack(cluster),
    nodes: Template.fromStack(nodes),
  };
}

const defaults = synthesize();
const templates = [defaults.network, defaults.cluster, defaults.nodes];

test('the templates of the default stacks stay as they are', () => {
  expect(defaults.network.toJSON()).toMatchSnapshot('network');
  expect(defaults.cluster.toJSON()).toMatchSnapshot('cluster');
  expect(defaults.nodes.toJSON()).toMatchSnapshot('nodes');
});

test('no stack needs a Lambda function, a custom resource or an AWS call at synth', () => {
  for (const template of templates) {
    const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(
      ({ Type }) => Type,
    );
    expect(types.filter((type) => /Lambda|StepFunctions|Custom|SSM/.test(type))).toEqual([]);
  }
  expect(defaults.app.synth().manifest.missing ?? []).toEqual([]);
});

describe('network', () => {
  test('has a public and a private subnet in each of three zones, tagged for load balancers', () => {
    const subnets = Object.values(defaults.network.findResources('AWS::EC2::Subnet')).map(({ Properties }) => {
      const tags = new Map<string, string>(
        Properties.Tags.map((tag: { Key: string; Value: string }) => [tag.Key, tag.Value]),
      );
      const role = tags.get('kubernetes.io/role/elb')
        ? 'elb'
        : tags.get('kubernetes.io/role/internal-elb') && 'internal';
      return `${Properties.AvailabilityZone} ${Properties.CidrBlock} ${role}`;
    });
    expect(subnets).toEqual([
      'eu-west-1a 10.0.0.0/24 elb',
      'eu-west-1b 10.0.1.0/24 elb',
      'eu-west-1c 10.0.2.0/24 elb',
      'eu-west-1a 10.0.32.0/19 internal',
      'eu-west-1b 10.0.64.0/19 internal',
      'eu-west-1c 10.0.96.0/19 internal',
    ]);
  });

  test('has a NAT gateway per zone, or a single one', () => {
    defaults.network.resourceCountIs('AWS::EC2::NatGateway', 3);
    synthesize({ network: { natGateways: 'single' } }).network.resourceCountIs('AWS::EC2::NatGateway', 1);
  });

  test('takes the zones that it is given, and asks CloudFormation when the region is not known', () => {
    const named = synthesize({ network: { availabilityZones: ['eu-west-1b', 'eu-west-1c'] } });
    named.network.resourceCountIs('AWS::EC2::Subnet', 4);
    named.network.hasResourceProperties('AWS::EC2::Subnet', { AvailabilityZone: 'eu-west-1c' });
    const stack = new NetworkStack(
      new App({ analyticsReporting: false, builtinCloudFormationValidation: false }),
      'network',
    );
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::Subnet', {
      AvailabilityZone: { 'Fn::Select': [2, { 'Fn::GetAZs': '' }] },
    });
  });

  test("never uses the VPC's default security group", () => {
    for (const template of templates) expect(JSON.stringify(template.toJSON())).not.toContain('DefaultSecurityGroup');
  });
});

describe('cluster', () => {
  test('is private, logged and encrypted unless told otherwise', () => {
    defaults.cluster.hasResourceProperties('AWS::EKS::Cluster', {
      Version: '1.35',
      AccessConfig: { AuthenticationMode: 'API' },
      BootstrapSelfManagedAddons: false,
      ComputeConfig: { Enabled: false },
      DeletionProtection: false,
      EncryptionConfig: [{ Resources: ['secrets'] }],
      Logging: { ClusterLogging: { EnabledTypes: [{ Type: 'api' }, { Type: 'audit' }, { Type: 'authenticator' }] } },
      ResourcesVpcConfig: { EndpointPrivateAccess: true, EndpointPublicAccess: false },
      UpgradePolicy: { SupportType: 'STANDARD' },
      ZonalShiftConfig: { Enabled: true },
    });
    defaults.cluster.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  test('opens its public endpoint to the networks that are named, and to no others', () => {
    const { cluster } = synthesize({ cluster: { publicAccessCidrs: ['198.51.100.0/24'] } });
    cluster.hasResourceProperties('AWS::EKS::Cluster', {
      ResourcesVpcConfig: { EndpointPublicAccess: true, PublicAccessCidrs: ['198.51.100.0/24'] },
    });
  });

  test('makes the named principals administrators, or else one role of its own', () => {
    defaults.cluster.hasResourceProperties('AWS::EKS::AccessEntry', {
      PrincipalArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('AdminRole'), 'Arn'] },
    });
    const admins = ['arn:aws:iam::111122223333:role/platform', 'arn:aws:iam::111122223333:role/oncall'];
    const { cluster } = synthesize({ cluster: { admins } });
    const entries = Object.values(cluster.findResources('AWS::EKS::AccessEntry'));
    expect(entries.map(({ Properties }) => Properties.PrincipalArn)).toEqual(admins);
    expect(JSON.stringify(cluster.toJSON())).not.toContain('AdminRole');
  });

  test('installs the network add-on after the agent that gives it its permissions', () => {
    const [id] = Object.keys(
      defaults.cluster.findResources('AWS::EKS::Addon', { Properties: { AddonName: 'eks-pod-identity-agent' } }),
    );
    defaults.cluster.hasResource('AWS::EKS::Addon', {
      Properties: { AddonName: 'vpc-cni', PodIdentityAssociations: [{ ServiceAccount: 'aws-node' }] },
      DependsOn: [id],
    });
  });
});

describe('node group', () => {
  test('hardens its instances', () => {
    defaults.nodes.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeType: 'gp3', VolumeSize: 50 } }],
      },
    });
  });

  test('respects PodDisruptionBudgets in updates', () => {
    defaults.nodes.hasResourceProperties('AWS::EKS::Nodegroup', {
      ForceUpdateEnabled: false,
      UpdateConfig: { MaxUnavailablePercentage: 33 },
      ScalingConfig: { MinSize: 1, DesiredSize: 3, MaxSize: 3 },
    });
  });

  test('chooses the image for the architecture of its instances', () => {
    const { nodes } = synthesize({ nodes: { instanceTypes: [new ec2.InstanceType('m7g.large')] } });
    nodes.hasResourceProperties('AWS::EKS::Nodegroup', { AmiType: 'AL2023_ARM_64_STANDARD' });
  });

  test('brings CoreDNS and the volume driver once there are nodes to run them', () => {
    const [nodeGroup] = Object.keys(defaults.nodes.findResources('AWS::EKS::Nodegroup'));
    for (const AddonName of ['coredns', 'aws-ebs-csi-driver']) {
      defaults.nodes.hasResource('AWS::EKS::Addon', { Properties: { AddonName }, DependsOn: [nodeGroup] });
    }
    synthesize({ nodes: { clusterAddons: false } }).nodes.resourceCountIs('AWS::EKS::Addon', 0);
  });
});
