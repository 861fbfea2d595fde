/**
 * A stack with one node group, and the add-ons that need nodes to run on.
 *
 * CoreDNS and the volume drivers are Deployments: made before the first node, they stay DEGRADED until one joins and can
 * hold a stack up for twenty minutes. So they come after the node group.
 */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';
import { Addon } from './addon';
import { NodeGroup, type NodeGroupProps } from './node-group';
import { Storage } from './storage';

export interface NodeGroupStackProps extends StackProps, NodeGroupProps {
  /**
   * CoreDNS and the EBS CSI driver. Say false for the second and later node groups of a cluster.
   * @default true
   */
  readonly clusterAddons?: boolean;
}

export class NodeGroupStack extends Stack {
  readonly nodeGroup: eks.Nodegroup;

  constructor(scope: Construct, id: string, props: NodeGroupStackProps) {
    super(scope, id, props);
    const { cluster } = props;
    this.nodeGroup = new NodeGroup(this, 'Nodes', props).nodeGroup;
    if (props.clusterAddons === false) return;
    new Addon(this, 'CoreDns', { cluster, addonName: 'coredns' }).after(this.nodeGroup);
    new Storage(this, 'Storage', { cluster, after: [this.nodeGroup] });
  }
}
