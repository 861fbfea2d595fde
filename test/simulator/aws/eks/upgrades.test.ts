/** Versions: one minor at a time, machines not too far behind; and what insights say before. */
import { startCloudStory } from '../../../helpers/cloud';

function oldCluster() {
  const story = startCloudStory({ nodes: 1 });
  const { eks, ec2, cloud } = story;
  const subnets = ec2('DescribeSubnets').subnetSet.map((subnet: any) => subnet.subnetId);
  const role = (RoleName: string) => cloud.account.call('iam', 'GetRole', { RoleName }).Role.Arn;
  const resourcesVpcConfig = { subnetIds: subnets };
  eks('CreateCluster', { name: 'old', version: '1.31', roleArn: role('cluster'), resourcesVpcConfig });
  cloud.account.finishOperations();
  const nodegroup = (input: object = {}) =>
    eks('CreateNodegroup', { clusterName: 'old', nodegroupName: 'n', subnets, nodeRole: role('node'), ...input });
  const upgrade = (version: string) => {
    eks('UpdateClusterVersion', { name: 'old', version });
    cloud.account.finishOperations();
  };
  return { ...story, nodegroup, upgrade };
}

test('a cluster goes up one minor version at a time, and waits for machines that are too old', () => {
  const { eks, cloud, nodegroup, upgrade } = oldCluster();
  nodegroup();
  cloud.account.finishOperations();
  expect(() => upgrade('1.33')).toThrow('Unsupported Kubernetes minor version update from 1.31 to 1.33');
  for (const version of ['1.32', '1.33', '1.34']) upgrade(version);
  const skew = () =>
    eks('ListInsights', { clusterName: 'old' }).insights.find(
      (insight: any) => insight.name === 'Kubelet version skew',
    );
  expect(skew()).toMatchObject({ kubernetesVersion: '1.35', insightStatus: { status: 'ERROR' } });
  const { insight } = eks('DescribeInsight', { clusterName: 'old', id: skew().id });
  expect(insight.resources[0].arn).toContain(':nodegroup/old/n/');
  expect(() => upgrade('1.35')).toThrow('Nodegroups n must be updated to match cluster version 1.34');
  eks('UpdateNodegroupVersion', { clusterName: 'old', nodegroupName: 'n', version: '1.34' });
  cloud.account.finishOperations();
  expect(skew().insightStatus.status).toBe('PASSING');
  upgrade('1.35');
  expect(eks('DescribeCluster', { name: 'old' }).cluster.version).toBe('1.35');
});

test('machines are not newer than the control plane, and images fit the processors', () => {
  const { nodegroup } = oldCluster();
  expect(() => nodegroup({ version: '1.32' })).toThrow('Nodegroup Kubernetes version 1.32 is not supported');
  expect(() => nodegroup({ amiType: 'AL2023_ARM_64_STANDARD', instanceTypes: ['m6i.large'] })).toThrow(
    '[m6i.large] is not a valid instance type for requested amiType AL2023_ARM_64_STANDARD',
  );
  expect(() => nodegroup({ amiType: 'AL2023_x86_64_NVIDIA', instanceTypes: ['m6i.large'] })).toThrow(
    /is not a valid instance type/,
  );
});

test('nodes keep back what EKS reserves, and offer their GPUs', () => {
  const { nodegroup, cloud } = oldCluster();
  nodegroup({ amiType: 'AL2023_x86_64_NVIDIA', instanceTypes: ['g5.12xlarge'], labels: { kind: 'gpu' } });
  cloud.account.finishOperations();
  const client = cloud.clusters.get('old')!.cluster.clientFor('system:masters');
  const [node] = client.list('nodes', { labelSelector: 'kind=gpu' });
  expect(node!.status.capacity).toMatchObject({ cpu: '48', 'nvidia.com/gpu': '4', pods: '234' });
  expect(node!.status.allocatable).toMatchObject({ cpu: '47810m', 'nvidia.com/gpu': '4' });
});
