/** EKS Auto Mode: a cluster without node groups, whose machines come and go with its Pods. */
import type { KubernetesObject } from '../../../lib/kubernetes/object';
import { startCloudStory } from '../../helpers/cloud';

function autoMode() {
  const { cloud, eks, ec2 } = startCloudStory({ nodes: 1 });
  const subnetIds = ec2('DescribeSubnets').subnetSet.map((subnet: any) => subnet.subnetId);
  const role = (RoleName: string) => cloud.account.call('iam', 'GetRole', { RoleName }).Role.Arn;
  const create = (input: object = {}) =>
    eks('CreateCluster', {
      name: 'auto',
      roleArn: role('cluster'),
      resourcesVpcConfig: { subnetIds },
      bootstrapSelfManagedAddons: false,
      computeConfig: { enabled: true, nodePools: ['general-purpose', 'system'], nodeRoleArn: role('node') },
      kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true } },
      storageConfig: { blockStorage: { enabled: true } },
      ...input,
    });
  return { cloud, eks, ec2, create };
}

const deployment = (replicas: number, cpu: string, spec: object = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu } } }], ...spec },
    },
  },
});

test('machines come for Pods that fit nowhere, of the size that they need, and go when they are empty', () => {
  const { cloud, eks, create } = autoMode();
  create();
  cloud.account.finishOperations();
  const client = cloud.clusters.get('auto')!.cluster.clientFor('system:masters');
  expect(client.list('nodes')).toEqual([]);
  expect(client.list('nodepools.karpenter.sh').map(({ metadata }) => metadata.name)).toEqual([
    'general-purpose',
    'system',
  ]);

  client.create('deployments.apps', deployment(3, '1'));
  cloud.simulation.advance('3m');
  expect(client.get('deployments.apps', 'default', 'web').status).toMatchObject({ availableReplicas: 3 });
  const [node, ...others] = client.list('nodes');
  expect(others).toEqual([]);
  expect(node!.metadata.name).toMatch(/^i-0/);
  expect(node!.metadata.labels).toMatchObject({
    'karpenter.sh/nodepool': 'general-purpose',
    'eks.amazonaws.com/compute-type': 'auto',
    'node.kubernetes.io/instance-type': 'c6a.xlarge',
  });

  client.delete('deployments.apps', 'default', 'web');
  cloud.simulation.advance('5m');
  expect(client.list('nodes')).toEqual([]);

  // What still runs goes with the cluster.
  client.create('deployments.apps', deployment(1, '1'));
  cloud.simulation.advance('3m');
  eks('DeleteCluster', { name: 'auto' });
  cloud.account.finishOperations();
  const Filter = [
    { Name: 'tag:eks:eks-cluster-name', Value: ['auto'] },
    { Name: 'instance-state-name', Value: ['running'] },
  ];
  expect(cloud.account.call('ec2', 'DescribeInstances', { Filter }).reservationSet).toEqual([]);
});

test('a pool with a taint takes those who tolerate it', () => {
  const { cloud, create } = autoMode();
  create();
  cloud.account.finishOperations();
  const client = cloud.clusters.get('auto')!.cluster.clientFor('system:masters');
  const tolerations = [{ key: 'CriticalAddonsOnly', operator: 'Exists' }];
  const nodeSelector = { 'karpenter.sh/nodepool': 'system' };
  client.create('deployments.apps', deployment(1, '500m', { tolerations, nodeSelector }));
  cloud.simulation.advance('3m');
  const [node] = client.list('nodes');
  expect(node!.spec.taints).toContainEqual(
    expect.objectContaining({ key: 'CriticalAddonsOnly', effect: 'NoSchedule' }),
  );
});

test('is all of it or nothing of it', () => {
  const { create } = autoMode();
  expect(() => create({ storageConfig: { blockStorage: { enabled: false } } })).toThrow(
    /are all either fully enabled or fully disabled/,
  );
  expect(() => create({ computeConfig: { enabled: true, nodePools: ['system'] } })).toThrow(
    /nodeRoleArn must be specified/,
  );
});
