/**
 * An instance of a node group as the cluster is told about it: what becomes a Node.
 *
 * Allocatable is what the EKS images leave for Pods: https://github.com/awslabs/amazon-eks-ami (kube-reserved)
 * m5.large, 2 vCPU, 8 GiB, 29 Pods: 1930m of CPU (6 % of the first core and 1 % of the second kept back), and of memory
 * 255 MiB + 11 MiB x 29 Pods + 100 MiB eviction threshold less.
 */

import {
  type InstanceType,
  kubernetesArchitecture,
  maxPods,
  reservedMemoryMiB,
  reservedMilliCpu,
} from '../../instance-types';
import { type AutoScalingGroup, instancesOf } from '../autoscaling/groups';
import { findInstanceType } from '../ec2/instance-types';
import { type Instance, onInstances } from '../ec2/instances';
import { ec2Of, tagValue } from '../ec2/state';
import { zoneIdOf } from '../regions';
import type { Scope } from '../service';
import { tryClusterProvider } from './provider';
import { eksOf, type Nodegroup } from './state';

export interface NodeInstance {
  readonly clusterName: string;
  readonly region: string;
  readonly nodegroupName: string;
  readonly instanceId: string;
  /** The Node's name, e.g. `ip-10-0-96-17.eu-west-1.compute.internal`. */
  readonly privateDnsName: string;
  readonly privateIpAddress: string;
  readonly publicIpAddress?: string;
  /** `eu-west-1a` */
  readonly zone: string;
  readonly instanceType: string;
  /** `aws:///eu-west-1a/i-0123456789abcdef0` */
  readonly providerId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** Kubernetes quantities. */
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
}

/** Tells the cluster provider about node group instances that run or go. Once for each region that has clusters. */
export function announceNodes(scope: Scope): void {
  scope.account.stateOf(`eks/announcements/${scope.region}`, () =>
    onInstances(scope, {
      running: (instance) => {
        const group = tryNodegroupOf(scope, instance);
        if (group) tryClusterProvider(scope)?.nodeRunning?.(nodeInstanceOf(scope, group, instance));
      },
      terminating: (instance) => {
        const name = tagValue(instance, 'eks:cluster-name');
        if (name === undefined) return;
        const { region } = scope;
        tryClusterProvider(scope)?.nodeTerminating?.({ name, region, instanceId: instance.instanceId });
      },
    }),
  );
}

function tryNodegroupOf(scope: Scope, instance: Instance): Nodegroup | undefined {
  const record = eksOf(scope).clusters.get(tagValue(instance, 'eks:cluster-name') ?? '');
  return record?.nodegroups.get(tagValue(instance, 'eks:nodegroup-name') ?? '');
}

const TAINT_EFFECTS: Readonly<Record<string, string>> = {
  NO_SCHEDULE: 'NoSchedule',
  PREFER_NO_SCHEDULE: 'PreferNoSchedule',
  NO_EXECUTE: 'NoExecute',
};

/** What a node takes over from its instance. */
type Machine = Pick<
  Instance,
  | 'instanceId'
  | 'instanceType'
  | 'imageId'
  | 'architecture'
  | 'placement'
  | 'privateDnsName'
  | 'privateIpAddress'
  | 'ipAddress'
>;

/** What the next instance of a group would be, in the subnet that has the fewest. */
export function nextNodeInstance(scope: Scope, group: Nodegroup, scaling: AutoScalingGroup): NodeInstance {
  const { subnets } = ec2Of(scope);
  const counts = scaling.subnetIds.map(
    (id) => instancesOf(scope, scaling).filter(({ subnetId }) => subnetId === id).length,
  );
  const subnet = subnets.find(scaling.subnetIds[counts.indexOf(Math.min(...counts))]!);
  const { instanceType, imageId } = scaling.launch;
  return nodeInstanceOf(scope, group, {
    instanceId: 'i-template',
    instanceType,
    imageId,
    architecture: findInstanceType(instanceType).architecture,
    placement: { availabilityZone: subnet.availabilityZone, tenancy: 'default' },
    privateDnsName: `template-node-for-${scaling.name}`,
    privateIpAddress: '0.0.0.0',
  });
}

export function nodeInstanceOf(scope: Scope, group: Nodegroup, instance: Machine): NodeInstance {
  const type = findInstanceType(instance.instanceType);
  const zone = instance.placement.availabilityZone;
  const pods = maxPods(type);
  const storage = `${(group.diskSize ?? 20) * 1024 * 1024 - 20_480}Ki`;
  const gpus: Record<string, string> = type.gpus > 0 ? { 'nvidia.com/gpu': String(type.gpus) } : {};
  return {
    clusterName: group.clusterName,
    region: scope.region,
    nodegroupName: group.nodegroupName,
    instanceId: instance.instanceId,
    privateDnsName: instance.privateDnsName,
    privateIpAddress: instance.privateIpAddress,
    publicIpAddress: instance.ipAddress,
    zone,
    instanceType: instance.instanceType,
    providerId: `aws:///${zone}/${instance.instanceId}`,
    labels: labelsOf(scope, group, instance),
    taints: group.taints.map(({ key, value, effect }) => ({ key, value, effect: TAINT_EFFECTS[effect] ?? effect })),
    capacity: {
      cpu: String(type.vcpus),
      memory: `${usableMemoryMiB(type.memoryMiB)}Mi`,
      pods: String(pods),
      'ephemeral-storage': storage,
      ...gpus,
    },
    allocatable: {
      cpu: `${type.vcpus * 1000 - reservedMilliCpu(type.vcpus)}m`,
      memory: `${usableMemoryMiB(type.memoryMiB) - reservedMemoryMiB(pods)}Mi`,
      pods: String(pods),
      'ephemeral-storage': storage,
      ...gpus,
    },
  };
}

/** The hypervisor and the kernel keep some 3 %. */
function usableMemoryMiB(memoryMiB: number): number {
  return Math.floor(memoryMiB * 0.97);
}

function labelsOf(scope: Scope, group: Nodegroup, instance: Machine): Record<string, string> {
  const zone = instance.placement.availabilityZone;
  const arch = kubernetesArchitecture(instance as Pick<InstanceType, 'architecture'>);
  return {
    'beta.kubernetes.io/arch': arch,
    'beta.kubernetes.io/instance-type': instance.instanceType,
    'beta.kubernetes.io/os': 'linux',
    'eks.amazonaws.com/capacityType': group.capacityType,
    'eks.amazonaws.com/nodegroup': group.nodegroupName,
    'eks.amazonaws.com/nodegroup-image': instance.imageId,
    'failure-domain.beta.kubernetes.io/region': scope.region,
    'failure-domain.beta.kubernetes.io/zone': zone,
    'k8s.io/cloud-provider-aws': scope.account.random(`ccm/${group.clusterName}`).hex(32),
    'kubernetes.io/arch': arch,
    'kubernetes.io/hostname': instance.privateDnsName,
    'kubernetes.io/os': 'linux',
    'node.kubernetes.io/instance-type': instance.instanceType,
    'topology.k8s.aws/zone-id': zoneIdOf(zone),
    'topology.kubernetes.io/region': scope.region,
    'topology.kubernetes.io/zone': zone,
    ...group.labels,
  };
}
