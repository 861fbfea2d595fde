/** A node group that asks for a cluster autoscaler gets machines for its Pods, and gives them back. */
import { startCloudStory } from '../../helpers/cloud';

const deployment = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx', resources: { requests: { cpu: '1500m' } } }] },
    },
  },
});

test.each([true, false])('with the tag %s', (isTagged) => {
  const tags = isTagged ? { 'k8s.io/cluster-autoscaler/enabled': 'true' } : {};
  const story = startCloudStory({ nodes: 1, tags: tags as Record<string, string> });
  const size = () =>
    story.eks('DescribeNodegroup', { clusterName: 'shop', nodegroupName: 'workers' }).nodegroup.scalingConfig
      .desiredSize;
  const { simulation } = story.cloud;
  story.apply(deployment(3));
  simulation.advance('10m');
  expect(size()).toBe(isTagged ? 3 : 1);
  const ready = () => story.get('deployments.apps', 'web')!.status.readyReplicas;
  expect(ready()).toBe(isTagged ? 3 : 1);
  story.remove('deployments.apps', 'web');
  simulation.advance('30m');
  expect(size()).toBe(1);
  const { cluster } = story.cloud.clusters.get('shop')!;
  expect(cluster.store.count('nodes')).toBe(1);
  const running = story.ec2('DescribeInstances', { Filter: [{ Name: 'instance-state-name', Value: ['running'] }] });
  expect(running.reservationSet.flatMap(({ instancesSet }: any) => instancesSet)).toHaveLength(1);
});
