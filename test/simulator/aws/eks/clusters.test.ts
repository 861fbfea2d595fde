import {
  CreateClusterCommand,
  CreateNodegroupCommand,
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  EKSClient,
  ListNodegroupsCommand,
  UpdateClusterVersionCommand,
} from '@aws-sdk/client-eks';
import { AwsAccount } from '../../../../lib/simulator/aws/account';
import { AwsError } from '../../../../lib/simulator/aws/aws-error';
import { tryKubernetesIdentity } from '../../../../lib/simulator/aws/eks/access-entries';
import type { NodeInstance } from '../../../../lib/simulator/aws/eks/node-instances';
import { setClusterProvider } from '../../../../lib/simulator/aws/eks/provider';
import { eksOf } from '../../../../lib/simulator/aws/eks/state';
import { serveAws } from '../../../../lib/simulator/aws/http/endpoint';
import { Simulation } from '../../../../lib/simulator/simulation';

/** An account with a VPC of three subnets and two roles. */
function prepared() {
  const account = new AwsAccount({ simulation: new Simulation() });
  const ec2 = (operation: string, input: object = {}) => account.call('ec2', operation, { ...input });
  const eks = (operation: string, input: object = {}) => account.call('eks', operation, { ...input });
  const { vpcId } = ec2('CreateVpc', { CidrBlock: '10.0.0.0/16' }).vpc;
  const subnetIds: string[] = ['a', 'b', 'c'].map(
    (zone, i) =>
      ec2('CreateSubnet', { VpcId: vpcId, CidrBlock: `10.0.${i}.0/24`, AvailabilityZone: `eu-west-1${zone}` }).subnet
        .subnetId,
  );
  for (const RoleName of ['cluster', 'node']) {
    account.call('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: '{}' });
  }
  const roleArn = (name: string) => `arn:aws:iam::${account.accountId}:role/${name}`;
  const clusterInput = {
    name: 'dev',
    version: '1.34',
    roleArn: roleArn('cluster'),
    resourcesVpcConfig: { subnetIds },
    accessConfig: { authenticationMode: 'API' as const },
  };
  const nodegroupInput = {
    clusterName: 'dev',
    nodegroupName: 'workers',
    nodeRole: roleArn('node'),
    subnets: subnetIds,
    instanceTypes: ['m5.large'],
    scalingConfig: { minSize: 1, maxSize: 5, desiredSize: 3 },
    labels: { team: 'x' },
  };
  return { account, ec2, eks, vpcId, subnetIds, clusterInput, nodegroupInput };
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

describe('an EKS cluster', () => {
  test('is CREATING for nine minutes before it is ACTIVE', () => {
    const { account, eks, clusterInput } = prepared();
    eks('CreateCluster', clusterInput);
    account.simulation.advance('8m');
    expect(eks('DescribeCluster', { name: 'dev' }).cluster.status).toBe('CREATING');
    account.simulation.advance('2m');
    expect(eks('DescribeCluster', { name: 'dev' }).cluster).toMatchObject({
      status: 'ACTIVE',
      endpoint: expect.stringMatching(/^https:\/\/[0-9A-F]{32}\.gr7\.eu-west-1\.eks\.amazonaws\.com$/),
    });
  });

  test('is started and stopped by its provider, which hears about nodes', () => {
    const { account, eks, ec2, clusterInput, nodegroupInput } = prepared();
    const story: string[] = [];
    const nodes: NodeInstance[] = [];
    setClusterProvider(
      { account },
      {
        start: ({ name, version, serviceCidr }) => {
          story.push(`start ${name} ${version} ${serviceCidr}`);
          return { endpoint: 'https://127.0.0.1:6443', certificateAuthority: 'Q0E=' };
        },
        stop: ({ name }) => story.push(`stop ${name}`),
        nodeRunning: (node) => {
          nodes.push(node);
          story.push(`node in ${node.zone}`);
        },
        nodeTerminating: () => story.push('node goes'),
      },
    );
    eks('CreateCluster', clusterInput);
    account.finishOperations();
    eks('CreateNodegroup', nodegroupInput);
    account.finishOperations();
    expect(nodes[0]).toMatchObject({
      labels: { team: 'x', 'eks.amazonaws.com/nodegroup': 'workers', 'node.kubernetes.io/instance-type': 'm5.large' },
      capacity: { cpu: '2', pods: '29' },
      allocatable: { cpu: '1930m' },
      providerId: `aws:///${nodes[0]!.zone}/${nodes[0]!.instanceId}`,
    });
    eks('DeleteNodegroup', nodegroupInput);
    account.finishOperations();
    eks('DeleteCluster', { name: 'dev' });
    account.finishOperations();
    expect(story.sort()).toEqual(
      ['node in eu-west-1a', 'node in eu-west-1b', 'node in eu-west-1c', 'node goes', 'node goes', 'node goes']
        .concat('start dev 1.34 10.100.0.0/16', 'stop dev')
        .sort(),
    );
    expect(ec2('DescribeNetworkInterfaces').networkInterfaceSet).toEqual([]);
  });

  test('fails its node group when no node joins', () => {
    const { account, eks, clusterInput, nodegroupInput } = prepared();
    setClusterProvider(
      { account },
      {
        start: () => ({ endpoint: 'https://127.0.0.1:6443', certificateAuthority: '' }),
        stop: () => {},
        isNodeReady: () => false,
      },
    );
    eks('CreateCluster', clusterInput);
    account.finishOperations();
    eks('CreateNodegroup', nodegroupInput);
    account.finishOperations();
    expect(eks('DescribeNodegroup', nodegroupInput).nodegroup).toMatchObject({
      status: 'CREATE_FAILED',
      health: { issues: [{ code: 'NodeCreationFailure', message: 'Instances failed to join the kubernetes cluster' }] },
    });
  });

  test('keeps its order: no node group without it, not gone before its node groups, one minor version at a time', () => {
    const { account, eks, clusterInput, nodegroupInput } = prepared();
    expect(refusal(() => eks('CreateNodegroup', nodegroupInput))).toBe(
      'ResourceNotFoundException: No cluster found for name: dev.',
    );
    eks('CreateCluster', { ...clusterInput, version: '1.33' });
    expect(refusal(() => eks('CreateNodegroup', nodegroupInput))).toMatch(/^ResourceInUseException/);
    account.finishOperations();
    eks('CreateNodegroup', nodegroupInput);
    account.finishOperations();
    expect(refusal(() => eks('DeleteCluster', { name: 'dev' }))).toBe(
      'ResourceInUseException: Cluster has nodegroups attached',
    );
    expect(refusal(() => eks('UpdateClusterVersion', { name: 'dev', version: '1.35' }))).toBe(
      'InvalidParameterException: Unsupported Kubernetes minor version update from 1.33 to 1.35',
    );
    eks('UpdateClusterVersion', { name: 'dev', version: '1.34' });
    account.finishOperations();
    expect(eks('DescribeCluster', { name: 'dev' }).cluster).toMatchObject({ version: '1.34', status: 'ACTIVE' });
    expect(eks('DescribeNodegroup', nodegroupInput).nodegroup.version).toBe('1.33');
  });

  test('refuses by name what would leave it without nodes here', () => {
    const { eks, clusterInput } = prepared();
    const kubernetesNetworkConfig = { ipFamily: 'ipv6' };
    expect(refusal(() => eks('CreateCluster', { ...clusterInput, kubernetesNetworkConfig }))).toBe(
      'NotSimulated: An EKS cluster with IPv6 is not simulated by drydock (see docs/fidelity.md)',
    );
    expect(eks('ListClusters').clusters).toEqual([]);
  });

  test('replaces an instance that was terminated', () => {
    const { account, eks, ec2, clusterInput, nodegroupInput } = prepared();
    eks('CreateCluster', clusterInput);
    account.finishOperations();
    eks('CreateNodegroup', nodegroupInput);
    account.finishOperations();
    const running = () =>
      ec2('DescribeInstances', { Filter: [{ Name: 'instance-state-name', Value: ['running'] }] }).reservationSet.map(
        (reservation: any) => reservation.instancesSet[0].instanceId,
      );
    const before = running();
    ec2('TerminateInstances', { InstanceId: [before[0]] });
    account.simulation.advance('2m');
    expect(running()).toHaveLength(3);
    expect(running()).not.toContain(before[0]);
  });

  test('makes its creator an administrator, and whoever an access entry names', () => {
    const { account, eks, clusterInput } = prepared();
    eks('CreateCluster', clusterInput);
    account.finishOperations();
    const record = eksOf(account.scope()).find('dev');
    expect(tryKubernetesIdentity(record, account.userArn)?.groups).toEqual([]);
    const principalArn = `arn:aws:iam::${account.accountId}:role/node`;
    const session = `arn:aws:sts::${account.accountId}:assumed-role/node/me`;
    expect(tryKubernetesIdentity(record, session)).toBeUndefined();
    eks('CreateAccessEntry', { clusterName: 'dev', principalArn, kubernetesGroups: ['developers'] });
    expect(tryKubernetesIdentity(record, session)).toMatchObject({ username: session, groups: ['developers'] });
  });
});

describe('the EKS client of the SDK', () => {
  test('creates and describes clusters and node groups', async () => {
    const { account, clusterInput, nodegroupInput } = prepared();
    const endpoint = await serveAws(account);
    try {
      const client = new EKSClient({ endpoint: endpoint.url, region: 'eu-west-1', credentials: account.credentials });
      const created = await client.send(new CreateClusterCommand(clusterInput));
      expect(created.cluster).toMatchObject({ status: 'CREATING', createdAt: new Date(Date.UTC(2026, 0, 1)) });
      const described = await client.send(new DescribeClusterCommand({ name: 'dev' }));
      expect(described.cluster?.status).toBe('ACTIVE');
      await client.send(new CreateNodegroupCommand(nodegroupInput));
      const listed = await client.send(new ListNodegroupsCommand({ clusterName: 'dev' }));
      expect(listed.nodegroups).toEqual(['workers']);
      const group = await client.send(new DescribeNodegroupCommand({ clusterName: 'dev', nodegroupName: 'workers' }));
      expect(group.nodegroup).toMatchObject({ status: 'ACTIVE', scalingConfig: { desiredSize: 3 } });
      await expect(client.send(new DescribeClusterCommand({ name: 'none' }))).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: 'No cluster found for name: none.',
        clusterName: 'none',
      });
      const update = client.send(new UpdateClusterVersionCommand({ name: 'dev', version: '1.36' }));
      await expect(update).rejects.toMatchObject({ name: 'InvalidParameterException' });
    } finally {
      await endpoint.close();
    }
  });
});
