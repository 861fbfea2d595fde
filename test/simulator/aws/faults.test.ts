/** Throttling, quotas and shortages, in the words of the services. */
import { LocalCloud } from '../../../lib/simulator/local-cloud';
import { startCloudStory } from '../../helpers/cloud';

test('a throttled service refuses, for so many requests or until it ends', () => {
  const { account } = new LocalCloud();
  account.faults.throttle('ec2', { operations: ['DescribeVpcs'], times: 2 });
  const describe = () => account.call('ec2', 'DescribeVpcs');
  expect(describe).toThrow('Request limit exceeded.');
  expect(() => account.call('ec2', 'DescribeSubnets')).not.toThrow();
  expect(describe).toThrow(expect.objectContaining({ code: 'RequestLimitExceeded', status: 503 }));
  expect(describe).not.toThrow();
  const fault = account.faults.throttle('eks');
  expect(() => account.call('eks', 'ListClusters')).toThrow(expect.objectContaining({ code: 'ThrottlingException' }));
  fault.end();
  expect(() => account.call('eks', 'ListClusters')).not.toThrow();
});

test('a controller that is throttled says so and goes on when it can', () => {
  const { cloud, apply, get } = startCloudStory({ nodes: 1 });
  const fault = cloud.faults.throttle('elasticloadbalancing', { operations: ['CreateLoadBalancer'] });
  apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'web',
      namespace: 'default',
      annotations: { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing' },
    },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  cloud.simulation.advance('1m');
  const client = cloud.clusters.get('shop')!.cluster.clientFor('system:masters');
  const events = client.list('events', { namespace: 'default' }).map((event) => event.message ?? event.note);
  expect(events).toContain('Failed deploy model due to Throttling: Rate exceeded');
  fault.end();
  cloud.simulation.advance('1m');
  expect(get('services', 'web')!.status.loadBalancer.ingress).toHaveLength(1);
});

test('quotas are refused with the code of the service', () => {
  const { account } = new LocalCloud();
  account.faults.quota('L-F678F1CE', 1);
  const create = () => account.call('ec2', 'CreateVpc', { CidrBlock: '10.0.0.0/16' });
  create();
  expect(create).toThrow(expect.objectContaining({ code: 'VpcLimitExceeded' }));
  expect(() => account.faults.quota('L-00000000', 1)).toThrow(/does not simulate the quota "L-00000000"/);
});

describe('a node group', () => {
  const scaleTo = (story: ReturnType<typeof startCloudStory>, nodegroupName: string) => {
    const subnets = story.ec2('DescribeSubnets').subnetSet.map((subnet: any) => subnet.subnetId);
    const nodeRole = story.cloud.account.call('iam', 'GetRole', { RoleName: 'node' }).Role.Arn;
    const scalingConfig = { minSize: 1, maxSize: 4, desiredSize: 2 };
    story.eks('CreateNodegroup', { clusterName: 'shop', nodegroupName, subnets, nodeRole, scalingConfig });
    story.cloud.account.finishOperations();
    return story.eks('DescribeNodegroup', { clusterName: 'shop', nodegroupName }).nodegroup;
  };

  test('fails when the account may not have so many CPUs', () => {
    const story = startCloudStory({ nodes: 1 });
    story.cloud.account.faults.quota('L-1216C47A', 4);
    const { status, health } = scaleTo(story, 'more');
    expect(status).toBe('CREATE_FAILED');
    expect(health.issues[0]).toMatchObject({
      code: 'AsgInstanceLaunchFailures',
      message: expect.stringMatching(
        /^Could not launch On-Demand Instances. VcpuLimitExceeded - You have requested more vCPU/,
      ),
    });
  });

  test('comes up late when a shortage ends', () => {
    const story = startCloudStory({ nodes: 1 });
    const fault = story.cloud.account.faults.noCapacity({ instanceType: 't3.medium' });
    story.cloud.simulation.clock.after(10 * 60_000, () => fault.end());
    const started = story.cloud.simulation.clock.now();
    expect(scaleTo(story, 'more').status).toBe('ACTIVE');
    expect(story.cloud.simulation.clock.now() - started).toBeGreaterThan(10 * 60_000);
  });
});
