/**
 * Node groups of EKS as a cluster autoscaler sees them: Auto Scaling groups that say that they want one.
 * https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md#auto-discovery-setup
 *
 * A managed node group takes part when it has the tag `k8s.io/cluster-autoscaler/enabled`; the autoscaler then works as if it
 * were installed.
 */
import { instancesOf } from '../aws/autoscaling/groups';
import { nextNodeInstance } from '../aws/eks/node-instances';
import { tryScalingGroup } from '../aws/eks/nodegroups';
import { eksOf, type Nodegroup } from '../aws/eks/state';
import type { NodeGroup } from '../cluster/autoscaler/node-group';
import { buildNode } from '../cluster/kubelet/node-object';
import type { ClusterSurroundings } from './aws-api';
import { nodeSpecOf } from './instances';

const ENABLED = 'k8s.io/cluster-autoscaler/enabled';

/** The groups that want to be scaled at the moment. */
export function scalingGroups(surroundings: ClusterSurroundings): NodeGroup[] {
  const record = eksOf(surroundings).clusters.get(surroundings.clusterName);
  return [...(record?.nodegroups.values() ?? [])]
    .filter(({ tags, status }) => tags[ENABLED] !== undefined && tags[ENABLED] !== 'false' && status === 'ACTIVE')
    .flatMap((group) => scalingGroup(surroundings, group) ?? []);
}

function scalingGroup(surroundings: ClusterSurroundings, group: Nodegroup): NodeGroup | undefined {
  const { account, region } = surroundings;
  const scaling = tryScalingGroup(surroundings, group);
  if (!scaling) return undefined;
  const call = (operation: string, input: object) => account.call('autoscaling', operation, { ...input }, { region });
  // EKS shows the size that its Auto Scaling group has.
  const follow = () => {
    group.scalingConfig = { ...group.scalingConfig, desiredSize: scaling.desiredCapacity };
  };
  return {
    name: scaling.name,
    minSize: scaling.minSize,
    maxSize: scaling.maxSize,
    targetSize: () => scaling.desiredCapacity,
    template() {
      const spec = nodeSpecOf(nextNodeInstance(surroundings, group, scaling));
      const now = account.simulation.clock.now();
      return buildNode({ spec, address: '0.0.0.0', podCidr: undefined, now, machineId: '' });
    },
    owns: ({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup'] === group.nodegroupName,
    increase(by) {
      const DesiredCapacity = scaling.desiredCapacity + by;
      call('SetDesiredCapacity', { AutoScalingGroupName: scaling.name, DesiredCapacity });
      follow();
    },
    remove(node) {
      const instance = instancesOf(surroundings, scaling).find(({ privateDnsName }) => privateDnsName === node);
      if (!instance) return;
      const InstanceId = instance.instanceId;
      call('TerminateInstanceInAutoScalingGroup', { InstanceId, ShouldDecrementDesiredCapacity: true });
      follow();
    },
  };
}
