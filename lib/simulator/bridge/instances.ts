/**
 * Instances become Nodes: an EC2 instance of a node group that runs joins the cluster with the labels, taints, addresses
 * and size that EKS gives it; when it is terminated, its Node is removed.
 * https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
 *
 * Pods get addresses of the instance's subnet, as the VPC CNI hands them out.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-networking.html
 *
 * Left out: self-managed nodes, a second network interface (one holds all addresses of a node), prefix delegation.
 */
import { assignPrivateAddress, unassignPrivateAddress } from '../aws/ec2/network-interfaces';
import { ec2Of } from '../aws/ec2/state';
import type { NodeInstance } from '../aws/eks/node-instances';
import type { Client } from '../cluster/client';
import type { Kubelets } from '../cluster/kubelet/kubelets';
import type { NodeSpec } from '../cluster/kubelet/node-object';
import type { PodAddressPool } from '../cluster/network/addresses';
import type { ClusterSurroundings } from './aws-api';

export class InstanceNodes {
  /** By instance id. */
  private readonly joined = new Map<string, NodeInstance>();

  constructor(
    private readonly surroundings: ClusterSurroundings,
    private readonly kubelets: Kubelets,
    private readonly client: Client,
  ) {}

  join(node: NodeInstance): void {
    this.joined.set(node.instanceId, node);
    this.kubelets.addNode({
      ...nodeSpecOf(node),
      address: node.privateIpAddress,
      podAddresses: this.podAddresses(node.instanceId),
    });
  }

  /** The machine is gone; the node life cycle removes its Node, as the cloud controller manager does. */
  leave(instanceId: string): void {
    const node = this.joined.get(instanceId);
    if (!node) return;
    this.joined.delete(instanceId);
    this.kubelets.removeNode(node.privateDnsName);
    if (this.client.tryGet('nodes', undefined, node.privateDnsName)) {
      this.client.delete('nodes', undefined, node.privateDnsName);
    }
  }

  isReady(instanceId: string): boolean {
    const name = this.joined.get(instanceId)?.privateDnsName;
    const node = name === undefined ? undefined : this.client.tryGet('nodes', undefined, name);
    return (node?.status?.conditions ?? []).some(
      (condition: { type: string; status: string }) => condition.type === 'Ready' && condition.status === 'True',
    );
  }

  addressOf(instanceId: string): string | undefined {
    return this.joined.get(instanceId)?.privateIpAddress;
  }

  private podAddresses(instanceId: string): PodAddressPool {
    const { surroundings } = this;
    const primary = () => {
      const ec2 = ec2Of(surroundings);
      return ec2.networkInterfaces.get(ec2.instances.get(instanceId)?.interfaceIds[0] ?? '');
    };
    return {
      allocate: () => {
        const networkInterface = primary();
        return networkInterface && assignPrivateAddress(surroundings, networkInterface);
      },
      release: (address) => {
        const networkInterface = primary();
        if (networkInterface) unassignPrivateAddress(networkInterface, address);
      },
    };
  }
}

/** What the kubelet of an instance registers, but for its addresses. */
export function nodeSpecOf(node: NodeInstance): NodeSpec {
  return {
    name: node.privateDnsName,
    instanceType: node.instanceType,
    cpu: node.capacity.cpu,
    memory: node.capacity.memory,
    pods: Number(node.capacity.pods),
    ephemeralStorage: node.capacity['ephemeral-storage'],
    allocatable: node.allocatable,
    extendedResources: extendedResources(node),
    region: node.region,
    zone: node.zone,
    providerId: node.providerId,
    labels: node.labels,
    taints: node.taints,
  };
}

/** `nvidia.com/gpu`: resources with a domain. */
function extendedResources({ capacity }: NodeInstance): Record<string, string> {
  return Object.fromEntries(Object.entries(capacity).filter(([name]) => name.includes('/')));
}
