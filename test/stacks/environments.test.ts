import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CapacityType } from 'aws-cdk-lib/aws-eks-v2';
import { environments as ours } from '../../bin/environments';
import { defineEnvironments, Environment, type EnvironmentSettings } from '../../lib/stacks';

const newApp = () => new App({ builtinCloudFormationValidation: false, analyticsReporting: false });

const dev: EnvironmentSettings = { stage: 'development', region: 'eu-west-1', nodeGroups: { nodes: {} } };
const prod: EnvironmentSettings = {
  stage: 'production',
  region: 'eu-west-1',
  account: '111122223333',
  nodeGroups: { nodes: { minSize: 3 } },
};

const build = (name: string, settings: EnvironmentSettings) => {
  const { stacks } = new Environment(newApp(), name, settings);
  return new Map(stacks.map((stack) => [stack.stackName, Template.fromStack(stack)]));
};

test('development saves where production does not', () => {
  const [small, large] = [build('dev', dev), build('prod', prod)];
  expect([...small.keys()]).toEqual(['dev-network', 'dev-cluster', 'dev-nodes', 'dev-platform']);
  small.get('dev-network')!.resourceCountIs('AWS::EC2::NatGateway', 1);
  large.get('prod-network')!.resourceCountIs('AWS::EC2::NatGateway', 3);
  small.get('dev-network')!.resourceCountIs('AWS::EC2::Subnet', 4);
  large.get('prod-network')!.resourceCountIs('AWS::EC2::Subnet', 6);
  small.get('dev-cluster')!.hasResourceProperties('AWS::EKS::Cluster', { DeletionProtection: false });
  large.get('prod-cluster')!.hasResourceProperties('AWS::EKS::Cluster', { DeletionProtection: true });
});

test('each node group is a stack, and only the first brings the add-ons of the cluster', () => {
  const stacks = build('dev', { ...dev, nodeGroups: { system: {}, batch: { capacityType: CapacityType.SPOT } } });
  stacks.get('dev-system')!.resourceCountIs('AWS::EKS::Addon', 2);
  stacks.get('dev-batch')!.resourceCountIs('AWS::EKS::Addon', 0);
  stacks.get('dev-batch')!.hasResourceProperties('AWS::EKS::Nodegroup', { CapacityType: 'SPOT' });
});

test('Auto Mode needs neither node groups nor a platform stack of ours', () => {
  const stacks = build('auto', { stage: 'staging', region: 'eu-west-1', compute: 'auto', observability: 'none' });
  expect([...stacks.keys()]).toEqual(['auto-network', 'auto-cluster']);
});

test('a network that exists is used, not made', () => {
  const importedNetwork = {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    privateSubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb'],
  };
  const stacks = build('dev', { ...dev, importedNetwork, network: undefined });
  expect([...stacks.keys()]).toEqual(['dev-cluster', 'dev-nodes', 'dev-platform']);
  stacks.get('dev-nodes')!.hasResourceProperties('AWS::EKS::Nodegroup', { Subnets: importedNetwork.privateSubnetIds });
});

test('what does not go together is said all at once, with the reason', () => {
  const define = () =>
    defineEnvironments({
      dev: { ...dev, region: 'Ireland', network: { cidr: '10.0.0.0/20' } },
      prod: {
        ...prod,
        account: '42',
        nodeGroups: { nodes: { capacityType: CapacityType.SPOT } },
        cluster: { publicAccessCidrs: ['0.0.0.0/0'], ipv6: true },
        network: { flowLogs: false },
      },
      empty: { ...dev, nodeGroups: {} },
    });
  expect(define).toThrow(
    [
      'dev: region "Ireland" is not the name of an AWS region',
      'dev: network.cidr 10.0.0.0/20 holds 4096 addresses, and the subnets of 2 zones take 16896: use a /16',
      'prod: account "42" is not an AWS account id, which has twelve digits',
      'prod: production runs on Spot instances only, which EC2 may take away all at once with two minutes of notice: add an on-demand group',
      'prod: production may shrink to one node, whose loss or update stops everything: give a node group a minSize of 2 or more',
      'prod: the API server would answer to the whole internet: name the networks that need it in publicAccessCidrs',
      'prod: production keeps no flow logs, so nobody could tell afterwards who talked to whom',
      'prod: the cluster uses IPv6 and its network has no IPv6 addresses: set network.ipv6, too',
      'empty: no node group is named, so no Pod could run; or say compute: auto',
    ].join('\n'),
  );
});

test('our own environments all synthesize', () => {
  for (const [name, settings] of Object.entries(ours)) expect(build(name, settings).size).toBeGreaterThan(2);
});
