/** The constructs that a platform team adds around a cluster: each alone, and all together under every rule. */
import { App, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { AwsSolutionsChecks } from 'cdk-nag';
import {
  Cluster,
  ClusterAutoscaler,
  Dns,
  FargateProfile,
  Karpenter,
  LoadBalancing,
  Network,
  NodeGroup,
  type NodeGroupProps,
  Observability,
  Storage,
  TemplateRules,
} from '../../lib/stacks';

const env = { region: 'eu-west-1' };
const newApp = () => new App({ builtinCloudFormationValidation: false, analyticsReporting: false });

/** A stack with a network, a cluster and whatever the test adds, as a template. */
function synthesize(build: (stack: Stack, cluster: eks.Cluster) => void, app = newApp()): Template {
  const stack = new Stack(app, 'platform', { env });
  const { vpc } = new Network(stack, 'Network', { natGateways: 'single' });
  const { cluster } = new Cluster(stack, 'Cluster', { vpc, clusterName: 'dev' });
  build(stack, cluster);
  return Template.fromStack(stack);
}

const nodeGroup = (props: Partial<NodeGroupProps>) =>
  synthesize((stack, cluster) => new NodeGroup(stack, 'Nodes', { cluster, ...props }));

const types = (...names: string[]) => ({ instanceTypes: names.map((name) => new ec2.InstanceType(name)) });

describe('network', () => {
  const network = (props: ConstructorParameters<typeof Network>[2]) => {
    const stack = new Stack(newApp(), 'network', { env });
    new Network(stack, 'Network', props);
    return Template.fromStack(stack);
  };

  test('without NAT reaches AWS through endpoints, and nothing else', () => {
    const template = network({ natGateways: 'none' });
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    const endpoints = JSON.stringify(template.findResources('AWS::EC2::VPCEndpoint'));
    for (const service of [
      '.s3',
      '.ec2',
      '.ecr.api',
      '.ecr.dkr',
      '.sts',
      '.eks',
      '.eks-auth',
      '.elasticloadbalancing',
    ]) {
      expect(endpoints).toContain(`${service}"`);
    }
    template.hasResourceProperties('AWS::EC2::Subnet', {
      Tags: Match.arrayWith([{ Key: 'kubernetes.io/role/internal-elb', Value: '1' }]),
    });
  });

  test('spans two zones, carries IPv6 and is found by its cluster, when asked to', () => {
    const template = network({ zones: 2, ipv6: true, discoverableBy: 'dev' });
    template.resourceCountIs('AWS::EC2::Subnet', 4);
    template.hasResourceProperties('AWS::EC2::VPCCidrBlock', { AmazonProvidedIpv6CidrBlock: true });
    template.hasResourceProperties('AWS::EC2::Subnet', {
      Tags: Match.arrayWith([{ Key: 'karpenter.sh/discovery', Value: 'dev' }]),
    });
  });

  test('exists already, and is named instead of looked up', () => {
    const app = newApp();
    const stack = new Stack(app, 'cluster', { env });
    const imported = {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      privateSubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb'],
    };
    new Cluster(stack, 'Cluster', { vpc: Network.imported(stack, 'Vpc', imported) });
    Template.fromStack(stack).hasResourceProperties('AWS::EKS::Cluster', {
      ResourcesVpcConfig: { SubnetIds: imported.privateSubnetIds },
    });
    expect(app.synth().manifest.missing ?? []).toEqual([]);
    expect(() =>
      Network.imported(stack, 'Lame', { ...imported, privateSubnetIds: ['subnet-0aaaaaaaaaaaaaaaa'] }),
    ).toThrow('Lame: 1 subnets for 2 availability zones: name one of each kind for each zone');
  });
});

describe('cluster', () => {
  const cluster = (props: Partial<ConstructorParameters<typeof Cluster>[2]>) => {
    const stack = new Stack(newApp(), 'cluster', { env });
    const { vpc } = new Network(stack, 'Network', { flowLogs: false });
    new Cluster(stack, 'Cluster', { vpc, clusterName: 'dev', ...props });
    return Template.fromStack(stack);
  };

  test('in Auto Mode makes its own nodes and needs no add-ons', () => {
    const template = cluster({ compute: 'auto' });
    template.hasResourceProperties('AWS::EKS::Cluster', {
      ComputeConfig: { Enabled: true, NodePools: ['system', 'general-purpose'] },
      StorageConfig: { BlockStorage: { Enabled: true } },
    });
    template.resourceCountIs('AWS::EKS::Addon', 0);
  });

  test('lets people in by role, into the whole cluster or some namespaces', () => {
    const template = cluster({
      admins: ['arn:aws:iam::111122223333:role/platform'],
      access: [
        { principal: 'arn:aws:iam::111122223333:role/shop', policy: 'Edit', namespaces: ['shop'] },
        { principal: 'arn:aws:iam::111122223333:role/support', policy: 'View' },
      ],
    });
    template.hasResourceProperties('AWS::EKS::AccessEntry', {
      PrincipalArn: 'arn:aws:iam::111122223333:role/shop',
      AccessPolicies: [{ AccessScope: { Type: 'namespace', Namespaces: ['shop'] } }],
    });
    template.hasResourceProperties('AWS::EKS::AccessEntry', {
      PrincipalArn: 'arn:aws:iam::111122223333:role/support',
      AccessPolicies: [{ AccessScope: { Type: 'cluster' } }],
    });
    const principal = 'arn:aws:iam::111122223333:role/shop';
    expect(() => cluster({ access: [{ principal, policy: 'ClusterAdmin', namespaces: ['shop'] }] })).toThrow(
      `${principal}: ClusterAdmin is for the whole cluster; for shop give it Admin`,
    );
  });

  test('owns its log group, so that it neither grows for ever nor stays behind', () => {
    const template = cluster({});
    const [logs] = Object.keys(
      template.findResources('AWS::Logs::LogGroup', { Properties: { LogGroupName: '/aws/eks/dev/cluster' } }),
    );
    template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });
    template.hasResource('AWS::EKS::Cluster', { DependsOn: Match.arrayWith([logs]) });
  });
});

describe('node group', () => {
  test.each<[string, Partial<NodeGroupProps>]>([
    ['AL2023_x86_64_STANDARD', types('m6i.large', 'c7a.xlarge')],
    ['AL2023_ARM_64_STANDARD', types('m7g.large')],
    ['AL2023_x86_64_NVIDIA', types('g5.xlarge')],
    ['AL2023_ARM_64_NVIDIA', types('g5g.xlarge')],
    ['AL2023_x86_64_NEURON', types('inf2.xlarge')],
    ['BOTTLEROCKET_ARM_64', { operatingSystem: 'bottlerocket', ...types('c7g.large') }],
    ['BOTTLEROCKET_x86_64_NVIDIA', { operatingSystem: 'bottlerocket', ...types('p4d.24xlarge') }],
  ])('gets the image %s', (AmiType, props) => {
    nodeGroup(props).hasResourceProperties('AWS::EKS::Nodegroup', { AmiType });
  });

  test('says what does not go together', () => {
    expect(() => nodeGroup(types('m6i.large', 'm7g.large'))).toThrow(
      'the instance types m6i.large, m7g.large need different machine images (x86_64 none; arm64 none): make a node group for each',
    );
    expect(() => nodeGroup({ operatingSystem: 'bottlerocket', ...types('trn1.2xlarge') })).toThrow(
      'there is no bottlerocket image for trn1.2xlarge (x86_64 neuron)',
    );
    expect(() => nodeGroup({ minSize: 3, maxSize: 2 })).toThrow('minSize 3 is more than maxSize 2');
    expect(() => nodeGroup({ desiredSize: 9, maxSize: 5 })).toThrow('is not between minSize 1 and maxSize 5');
  });

  test('encrypts both disks of Bottlerocket, and drains before it replaces when instances are scarce', () => {
    const template = nodeGroup({ operatingSystem: 'bottlerocket', updateStrategy: 'MINIMAL', diskSize: 80 });
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        BlockDeviceMappings: [
          { DeviceName: '/dev/xvda', Ebs: { Encrypted: true } },
          { DeviceName: '/dev/xvdb', Ebs: { Encrypted: true, VolumeSize: 80 } },
        ],
      },
    });
    template.hasResourceProperties('AWS::EKS::Nodegroup', { UpdateConfig: { UpdateStrategy: 'MINIMAL' } });
  });
});

test('a Fargate profile runs what its selectors match', () => {
  const fargate = (count: number) =>
    synthesize(
      (stack, cluster) =>
        new FargateProfile(stack, 'Fargate', {
          cluster,
          selectors: Array.from({ length: count }, (_, i) => ({ namespace: `batch-${i}`, labels: { tier: 'jobs' } })),
        }),
    );
  fargate(1).hasResourceProperties('AWS::EKS::FargateProfile', {
    Selectors: [{ Namespace: 'batch-0', Labels: [{ Key: 'tier', Value: 'jobs' }] }],
  });
  expect(() => fargate(6)).toThrow('a Fargate profile has one to 5 selectors, not 6');
});

test('the load balancer controller may change what its own cluster made', () => {
  const template = synthesize((stack, cluster) => new LoadBalancing(stack, 'LoadBalancing', { cluster }));
  template.hasResourceProperties('AWS::EKS::PodIdentityAssociation', {
    Namespace: 'kube-system',
    ServiceAccount: 'aws-load-balancer-controller',
  });
  const policies: any[] = Object.values(template.findResources('AWS::IAM::Policy'));
  const statements: any[] = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const deletes = statements.filter(({ Action }) =>
    [Action].flat().includes('elasticloadbalancing:DeleteLoadBalancer'),
  );
  expect(deletes.map(({ Condition }) => Object.keys(Condition.StringEquals))).toEqual([
    ['aws:ResourceTag/elbv2.k8s.aws/cluster'],
  ]);
});

test('a load balancer of the stack reaches Pods, and its target group is an output for a TargetGroupBinding', () => {
  const template = synthesize((stack, cluster) => {
    const balancer = new elbv2.ApplicationLoadBalancer(stack, 'Balancer', { vpc: cluster.vpc });
    const targetType = elbv2.TargetType.IP;
    const targetGroup = new elbv2.ApplicationTargetGroup(stack, 'Shop', { vpc: cluster.vpc, port: 8080, targetType });
    new LoadBalancing(stack, 'LoadBalancing', { cluster }).bind('Shop', { targetGroup, from: balancer, port: 8080 });
  });
  template.hasOutput('ShopTargetGroupArn', {});
  template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 8080, ToPort: 8080 });
});

test('Karpenter hears of every kind of interruption, and its nodes may join', () => {
  const template = synthesize((stack, cluster) => new Karpenter(stack, 'Karpenter', { cluster }));
  const heard = Object.values(template.findResources('AWS::Events::Rule')).map(
    ({ Properties }) => Properties.EventPattern['detail-type'][0],
  );
  expect(heard.sort()).toEqual([
    'AWS Health Event',
    'EC2 Instance Rebalance Recommendation',
    'EC2 Instance State-change Notification',
    'EC2 Spot Instance Interruption Warning',
  ]);
  template.hasResourceProperties('AWS::EKS::AccessEntry', { Type: 'EC2_LINUX' });
});

test('a shared file system is encrypted, in every zone, and open to the nodes only', () => {
  const template = synthesize((stack, cluster) => {
    new Storage(stack, 'Storage', { cluster, fileSystem: { removalPolicy: RemovalPolicy.DESTROY } });
  });
  template.hasResourceProperties('AWS::EFS::FileSystem', { Encrypted: true });
  template.resourceCountIs('AWS::EFS::MountTarget', 3);
  template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 2049, ToPort: 2049 });
});

test('all of it together keeps our rules and those of cdk-nag, with a reason for every exception', () => {
  const app = newApp();
  Validations.of(app).addPlugins(new TemplateRules(), new AwsSolutionsChecks(app));
  synthesize((stack, cluster) => {
    const nodes = new NodeGroup(stack, 'Nodes', { cluster });
    const after = [nodes];
    new LoadBalancing(stack, 'LoadBalancing', { cluster });
    new ClusterAutoscaler(stack, 'ClusterAutoscaler', { cluster });
    new Karpenter(stack, 'Karpenter', { cluster });
    new Observability(stack, 'Observability', { cluster, after });
    new Storage(stack, 'Storage', { cluster, after, snapshots: true });
    new FargateProfile(stack, 'Fargate', { cluster, selectors: [{ namespace: 'batch' }] });
    const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
      hostedZoneId: 'Z0123456789ABCDEFGHIJ',
      zoneName: 'example.com',
    });
    new Dns(stack, 'Dns', { cluster, hostedZone, after });
  }, app);
  app.synth();
});
