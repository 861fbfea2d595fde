/**
 * Instances: the machines. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
 *
 * `pending` for seconds, then `running`; `shutting-down`, then `terminated`, and listed for another hour.
 * Left out: stopping, spot markets, user data (nodes join through the EKS bridge), key pairs.
 */

import { emitEvent } from '../events/state';
import { LATENCY } from '../latencies';
import type { Scope, WireObject } from '../service';
import { findInstanceType } from './instance-types';
import {
  associatePublicAddress,
  createNetworkInterface,
  type NetworkInterface,
  removeNetworkInterface,
} from './network-interfaces';
import { type Ec2Tag, ec2Of, type Tagged } from './state';
import { createVolume } from './volumes';
import { defaultSecurityGroupOf } from './vpcs';

export interface Instance extends Tagged {
  readonly instanceId: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly launchTime: string;
  readonly placement: { readonly availabilityZone: string; readonly tenancy: string };
  readonly privateIpAddress: string;
  readonly privateDnsName: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly architecture: string;
  readonly reservationId: string;
  readonly groupSet: NetworkInterface['groupSet'];
  readonly iamInstanceProfile?: { readonly arn: string; readonly id: string };
  readonly metadataOptions?: WireObject;
  /** `spot`, or undefined for on-demand. */
  readonly instanceLifecycle?: string;
  ipAddress?: string;
  dnsName: string;
  instanceState: InstanceState;
  stateTransitionReason: string;
  /** Ids of its interfaces and volumes. */
  readonly interfaceIds: string[];
  readonly volumeIds: string[];
}

export type InstanceState = { readonly code: number; readonly name: string };

export const INSTANCE_STATES = {
  pending: { code: 0, name: 'pending' },
  running: { code: 16, name: 'running' },
  shuttingDown: { code: 32, name: 'shutting-down' },
  terminated: { code: 48, name: 'terminated' },
} as const;

export interface NewInstance {
  readonly subnetId: string;
  readonly instanceType: string;
  readonly imageId: string;
  readonly groupIds?: readonly string[];
  readonly tagSet?: Ec2Tag[];
  readonly instanceProfileArn?: string;
  readonly metadataOptions?: WireObject;
  readonly rootVolume?: { readonly sizeGiB: number; readonly volumeType?: string; readonly encrypted?: boolean };
  readonly instanceLifecycle?: string;
}

/** Told when an instance runs and when it goes: nodes are made of this. */
export interface InstanceListener {
  running?(instance: Instance): void;
  terminating?(instance: Instance): void;
}

/** Gives the instance another state, and says so on the event bus. */
function enter(scope: Scope, instance: Instance, state: InstanceState): void {
  instance.instanceState = state;
  emitEvent(scope, {
    source: 'aws.ec2',
    detailType: 'EC2 Instance State-change Notification',
    detail: { 'instance-id': instance.instanceId, state: state.name },
    resources: [`arn:aws:ec2:${scope.region}:${scope.account.accountId}:instance/${instance.instanceId}`],
  });
}

function listenersOf(scope: Scope): Set<InstanceListener> {
  return scope.account.stateOf(`ec2/listeners/${scope.region}`, () => new Set<InstanceListener>());
}

export function onInstances(scope: Scope, listener: InstanceListener): () => void {
  listenersOf(scope).add(listener);
  return () => listenersOf(scope).delete(listener);
}

export function runInstance(scope: Scope, input: NewInstance): Instance {
  const ec2 = ec2Of(scope);
  const type = findInstanceType(input.instanceType);
  const subnet = ec2.subnets.find(input.subnetId);
  const { faults } = scope.account;
  faults.checkCapacity(input.instanceType, subnet.availabilityZone);
  if (input.instanceLifecycle !== 'spot') faults.checkQuota('L-1216C47A', runningCpus(scope), type.vcpus);
  const instanceId = ec2.id('i');
  const groupIds = input.groupIds?.length ? input.groupIds : [defaultSecurityGroupOf(scope, subnet.vpcId)];
  const primary = createNetworkInterface(scope, {
    subnetId: subnet.subnetId,
    description: '',
    groupIds,
    tagSet: [],
    status: 'in-use',
  });
  primary.attachment = {
    attachmentId: ec2.id('eni-attach'),
    instanceId,
    instanceOwnerId: scope.account.accountId,
    deviceIndex: 0,
    status: 'attached',
    deleteOnTermination: true,
  };
  if (subnet.mapPublicIpOnLaunch) associatePublicAddress(scope, primary);
  const instance: Instance = {
    instanceId,
    imageId: input.imageId,
    instanceType: input.instanceType,
    launchTime: scope.account.timestamp,
    placement: { availabilityZone: subnet.availabilityZone, tenancy: 'default' },
    privateIpAddress: primary.privateIpAddress,
    privateDnsName: primary.privateDnsName,
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    architecture: type.architecture,
    reservationId: ec2.id('r'),
    groupSet: primary.groupSet,
    iamInstanceProfile: input.instanceProfileArn
      ? { arn: input.instanceProfileArn, id: `AIPA${ec2.hex(17).toUpperCase()}` }
      : undefined,
    metadataOptions: input.metadataOptions,
    instanceLifecycle: input.instanceLifecycle,
    ipAddress: primary.association?.publicIp,
    dnsName: primary.association?.publicDnsName ?? '',
    instanceState: INSTANCE_STATES.pending,
    stateTransitionReason: '',
    interfaceIds: [primary.networkInterfaceId],
    volumeIds: [],
    tagSet: input.tagSet ?? [],
  };
  ec2.instances.set(instanceId, instance);
  attachRootVolume(scope, instance, input);
  enter(scope, instance, INSTANCE_STATES.pending);
  scope.account.simulation.clock.after(LATENCY.instance.start, () => {
    if (instance.instanceState !== INSTANCE_STATES.pending) return;
    enter(scope, instance, INSTANCE_STATES.running);
    for (const listener of [...listenersOf(scope)]) listener.running?.(instance);
  });
  return instance;
}

/** Virtual CPUs of on-demand instances of the standard families. */
function runningCpus(scope: Scope): number {
  const onDemand = ec2Of(scope).instances.where(
    (instance) =>
      isAlive(instance) && instance.instanceLifecycle !== 'spot' && /^[acdhimrtz]/.test(instance.instanceType),
  );
  return onDemand.reduce((sum, { instanceType }) => sum + findInstanceType(instanceType).vcpus, 0);
}

function attachRootVolume(scope: Scope, instance: Instance, input: NewInstance): void {
  const { sizeGiB, volumeType, encrypted } = input.rootVolume ?? { sizeGiB: 20 };
  const volume = createVolume(scope, {
    sizeGiB,
    volumeType: volumeType ?? 'gp3',
    encrypted: encrypted ?? false,
    availabilityZone: instance.placement.availabilityZone,
    tagSet: [],
  });
  volume.status = 'in-use';
  volume.attachmentSet = [
    {
      volumeId: volume.volumeId,
      instanceId: instance.instanceId,
      device: '/dev/xvda',
      status: 'attached',
      attachTime: scope.account.timestamp,
      deleteOnTermination: true,
    },
  ];
  instance.volumeIds.push(volume.volumeId);
}

export function terminateInstance(
  scope: Scope,
  instanceId: string,
): { previous: InstanceState; current: InstanceState } {
  const ec2 = ec2Of(scope);
  const instance = ec2.instances.find(instanceId);
  const previous = instance.instanceState;
  if (previous === INSTANCE_STATES.terminated || previous === INSTANCE_STATES.shuttingDown) {
    return { previous, current: previous };
  }
  enter(scope, instance, INSTANCE_STATES.shuttingDown);
  instance.stateTransitionReason = `User initiated (${scope.account.timestamp.slice(0, 19).replace('T', ' ')} GMT)`;
  for (const listener of [...listenersOf(scope)]) listener.terminating?.(instance);
  scope.account.simulation.clock.after(LATENCY.instance.stop, () => {
    enter(scope, instance, INSTANCE_STATES.terminated);
    for (const item of ec2.networkInterfaces.where(({ attachment }) => attachment?.instanceId === instanceId)) {
      if (item.attachment?.deleteOnTermination) removeNetworkInterface(scope, item.networkInterfaceId);
      else {
        item.attachment = undefined;
        item.status = 'available';
      }
    }
    for (const volume of ec2.volumes.where(({ attachmentSet }) =>
      attachmentSet.some((a) => a.instanceId === instanceId),
    )) {
      if (volume.attachmentSet[0]!.deleteOnTermination) ec2.volumes.delete(volume.volumeId);
      else {
        volume.attachmentSet = [];
        volume.status = 'available';
      }
    }
    scope.account.simulation.clock.after(3_600_000, () => ec2.instances.delete(instanceId), { background: true });
  });
  return { previous, current: instance.instanceState };
}

export function isAlive(instance: Instance): boolean {
  return instance.instanceState === INSTANCE_STATES.pending || instance.instanceState === INSTANCE_STATES.running;
}
