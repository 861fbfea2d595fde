/** Pods that a Fargate profile selects run on machines of their own. */
import { fargateSizeOf } from '../../../lib/simulator/bridge/fargate-size';
import { startCloudStory } from '../../helpers/cloud';

const pod = (name: string, spec: object = {}, labels: Record<string, string> = { tier: 'batch' }) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'nginx',
        resources: { requests: { cpu: '500m', memory: '1Gi' } },
        ports: [{ containerPort: 80 }],
      },
    ],
    ...spec,
  },
});

function withProfile() {
  const story = startCloudStory({ nodes: 1 });
  const subnets = story.ec2('DescribeSubnets').subnetSet.map((subnet: any) => subnet.subnetId);
  story.eks('CreateFargateProfile', {
    clusterName: 'shop',
    fargateProfileName: 'batch',
    podExecutionRoleArn: story.cloud.account.call('iam', 'GetRole', { RoleName: 'node' }).Role.Arn,
    subnets,
    selectors: [{ namespace: 'def*', labels: { tier: 'batch' } }],
  });
  story.cloud.account.finishOperations();
  const interfaces = () =>
    story.ec2('DescribeNetworkInterfaces', { Filter: [{ Name: 'description', Value: ['Amazon EKS Fargate shop'] }] })
      .networkInterfaceSet;
  const events = (): string[] =>
    story.cloud.clusters
      .get('shop')!
      .cluster.clientFor('system:masters')
      .list('events', { namespace: 'default' })
      .map((event) => event.message ?? event.note);
  return { ...story, interfaces, events };
}

test('each has a node of its own, with the address of the Pod, and both go with it', () => {
  const { cloud, apply, get, remove, interfaces, events } = withProfile();
  apply(pod('a'), pod('b', {}, { tier: 'web' }));
  cloud.simulation.advance('2m');
  const a = get('pods', 'a')!;
  expect(a.metadata.annotations).toMatchObject({ CapacityProvisioned: '0.5vCPU 2GB' });
  expect(a.metadata.labels).toMatchObject({ 'eks.amazonaws.com/fargate-profile': 'batch' });
  expect(a.status.phase).toBe('Running');
  expect(a.spec.nodeName).toMatch(/^fargate-ip-10-0-\d+-\d+\.eu-west-1\.compute\.internal$/);
  expect(interfaces()[0].privateIpAddress).toBe(a.status.podIP);
  expect(get('nodes', a.spec.nodeName, '')!.metadata.labels).toMatchObject({
    'eks.amazonaws.com/compute-type': 'fargate',
  });
  expect(events()).toContain(`Successfully assigned default/a to ${a.spec.nodeName}`);
  // Nobody else's daemons are on it, and other Pods are where they were.
  const client = cloud.clusters.get('shop')!.cluster.clientFor('system:masters');
  expect(client.list('pods', { fieldSelector: `spec.nodeName=${a.spec.nodeName}` })).toHaveLength(1);
  expect(get('pods', 'b')!.spec.nodeName).toMatch(/^ip-/);

  remove('pods', 'a');
  cloud.simulation.advance('2m');
  expect(interfaces()).toEqual([]);
  expect(client.tryGet('nodes', undefined, a.spec.nodeName)).toBeUndefined();
});

test('what Fargate cannot run stays Pending, with the reason', () => {
  const { cloud, apply, get, events } = withProfile();
  apply(pod('host', { hostNetwork: true }));
  cloud.simulation.advance('2m');
  expect(get('pods', 'host')!.status.phase).toBe('Pending');
  expect(events()).toContain('Pod not supported on Fargate: fields not supported: HostNetwork');
});

test('deleting the profile takes its Pods away; one profile at a time', () => {
  const { cloud, eks, apply, get, interfaces } = withProfile();
  apply(pod('a'));
  cloud.simulation.advance('2m');
  eks('DeleteFargateProfile', { clusterName: 'shop', fargateProfileName: 'batch' });
  cloud.account.finishOperations();
  cloud.simulation.advance('1m');
  expect(get('pods', 'a')).toBeUndefined();
  expect(interfaces()).toEqual([]);
});

test('the size is the smallest that holds the requests and a quarter of a GiB', () => {
  const size = (cpu?: string, memory?: string) => {
    const requests = { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) };
    const found = fargateSizeOf({ containers: [{ resources: { requests } }] });
    return found && `${found.vcpu}/${found.memoryGiB}`;
  };
  expect(size()).toBe('0.25/0.5');
  expect(size('250m', '768Mi')).toBe('0.25/1');
  expect(size('250m', '1200Mi')).toBe('0.25/2');
  expect(size('1', '1Gi')).toBe('1/2');
  expect(size('3', '1Gi')).toBe('4/8');
  expect(size('16', '121Gi')).toBeUndefined();
});
