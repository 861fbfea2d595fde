/**
 * Elastic File System: file systems, their mount targets in subnets, and access points.
 * https://docs.aws.amazon.com/efs/latest/ug/whatisefs.html
 *
 * A mount target is a network interface: it keeps its subnet and security groups from being deleted. Left out: files,
 * replication, throughput, mounting.
 */
import { AwsError } from '../aws-error';
import { createNetworkInterface, removeNetworkInterface } from '../ec2/network-interfaces';
import { ec2Of } from '../ec2/state';
import { defaultSecurityGroupOf } from '../ec2/vpcs';
import { LATENCY } from '../latencies';
import { regionalState, type Scope, type WireObject } from '../service';
import type { Tag } from '../tags';

export interface FileSystem {
  readonly FileSystemId: string;
  readonly FileSystemArn: string;
  readonly OwnerId: string;
  readonly CreationToken: string;
  readonly CreationTime: number;
  LifeCycleState: 'creating' | 'available' | 'deleting';
  readonly PerformanceMode: string;
  readonly Encrypted: boolean;
  readonly KmsKeyId?: string;
  ThroughputMode: string;
  Tags: readonly Tag[];
  lifecyclePolicies: readonly WireObject[];
  backupPolicy?: string;
  policy?: unknown;
}

export interface MountTarget {
  readonly MountTargetId: string;
  readonly FileSystemId: string;
  readonly SubnetId: string;
  readonly VpcId: string;
  readonly AvailabilityZoneName: string;
  readonly NetworkInterfaceId: string;
  readonly IpAddress: string;
  readonly OwnerId: string;
  LifeCycleState: 'creating' | 'available' | 'deleting';
}

export interface AccessPoint {
  readonly AccessPointId: string;
  readonly AccessPointArn: string;
  readonly FileSystemId: string;
  readonly ClientToken: string;
  readonly OwnerId: string;
  readonly LifeCycleState: 'available';
  readonly PosixUser?: WireObject;
  readonly RootDirectory?: WireObject;
  Tags: readonly Tag[];
}

interface EfsState {
  readonly fileSystems: Map<string, FileSystem>;
  readonly mountTargets: Map<string, MountTarget>;
  readonly accessPoints: Map<string, AccessPoint>;
}

export const efsOf = regionalState<EfsState>('efs', () => ({
  fileSystems: new Map(),
  mountTargets: new Map(),
  accessPoints: new Map(),
}));

export function createFileSystem(scope: Scope, input: WireObject): FileSystem {
  const { fileSystems } = efsOf(scope);
  const taken = [...fileSystems.values()].find(({ CreationToken }) => CreationToken === input.CreationToken);
  if (taken) {
    throw new AwsError(
      'FileSystemAlreadyExists',
      `File system '${taken.FileSystemId}' already exists with creation token '${input.CreationToken}'`,
      409,
    );
  }
  const id = newId(scope, 'fs');
  const fileSystem: FileSystem = {
    FileSystemId: id,
    FileSystemArn: arn(scope, `file-system/${id}`),
    OwnerId: scope.account.accountId,
    CreationToken: String(input.CreationToken),
    CreationTime: scope.account.now / 1000,
    LifeCycleState: 'creating',
    PerformanceMode: String(input.PerformanceMode ?? 'generalPurpose'),
    Encrypted: String(input.Encrypted) === 'true',
    KmsKeyId: input.KmsKeyId,
    ThroughputMode: String(input.ThroughputMode ?? 'bursting'),
    Tags: input.Tags ?? [],
    lifecyclePolicies: input.LifecyclePolicies ?? [],
    backupPolicy: input.BackupPolicy?.Status,
    policy: input.FileSystemPolicy,
  };
  fileSystems.set(id, fileSystem);
  later(scope, LATENCY.efs.fileSystem, `the file system ${id}`, () => {
    if (fileSystem.LifeCycleState === 'creating') fileSystem.LifeCycleState = 'available';
  });
  return fileSystem;
}

export function findFileSystem(scope: Scope, id: string): FileSystem {
  const found = efsOf(scope).fileSystems.get(id.split('/').pop()!);
  if (!found) throw new AwsError('FileSystemNotFound', `File system '${id}' does not exist.`, 404);
  return found;
}

export function deleteFileSystem(scope: Scope, id: string): void {
  const { fileSystems } = efsOf(scope);
  const fileSystem = findFileSystem(scope, id);
  if (mountTargetsOf(scope, id).length > 0) {
    throw new AwsError(
      'FileSystemInUse',
      `File system '${id}' has mount targets. Delete them before you delete the file system.`,
      409,
    );
  }
  fileSystem.LifeCycleState = 'deleting';
  for (const point of accessPointsOf(scope, id)) efsOf(scope).accessPoints.delete(point.AccessPointId);
  later(scope, LATENCY.efs.fileSystem, `the file system ${id}`, () => fileSystems.delete(id));
}

export function createMountTarget(scope: Scope, input: WireObject): MountTarget {
  const fileSystem = findFileSystem(scope, String(input.FileSystemId));
  if (fileSystem.LifeCycleState !== 'available') {
    const message = `File system '${fileSystem.FileSystemId}' is not in a valid state to create mount targets`;
    throw new AwsError('IncorrectFileSystemLifeCycleState', message, 409);
  }
  const subnet = ec2Of(scope).subnets.get(String(input.SubnetId));
  if (!subnet) throw new AwsError('SubnetNotFound', `The subnet ID '${input.SubnetId}' does not exist`);
  const others = mountTargetsOf(scope, fileSystem.FileSystemId);
  if (others.some(({ AvailabilityZoneName }) => AvailabilityZoneName === subnet.availabilityZone)) {
    throw new AwsError('MountTargetConflict', 'mount target already exists in this AZ', 409);
  }
  if (others.some(({ VpcId }) => VpcId !== subnet.vpcId)) {
    const message = 'requested subnet for new mount target is not in the same VPC as existing mount targets';
    throw new AwsError('MountTargetConflict', message, 409);
  }
  const id = newId(scope, 'fsmt');
  const networkInterface = createNetworkInterface(scope, {
    subnetId: subnet.subnetId,
    description: `EFS mount target for ${fileSystem.FileSystemId} (${id})`,
    groupIds: input.SecurityGroups?.length ? input.SecurityGroups : [defaultSecurityGroupOf(scope, subnet.vpcId)],
    interfaceType: 'efs',
    requesterManaged: true,
  });
  const target: MountTarget = {
    MountTargetId: id,
    FileSystemId: fileSystem.FileSystemId,
    SubnetId: subnet.subnetId,
    VpcId: subnet.vpcId,
    AvailabilityZoneName: subnet.availabilityZone,
    NetworkInterfaceId: networkInterface.networkInterfaceId,
    IpAddress: networkInterface.privateIpAddress,
    OwnerId: scope.account.accountId,
    LifeCycleState: 'creating',
  };
  efsOf(scope).mountTargets.set(id, target);
  later(scope, LATENCY.efs.mountTarget, `the mount target ${id}`, () => {
    if (target.LifeCycleState === 'creating') target.LifeCycleState = 'available';
  });
  return target;
}

export function findMountTarget(scope: Scope, id: string): MountTarget {
  const found = efsOf(scope).mountTargets.get(id);
  if (!found) throw new AwsError('MountTargetNotFound', `Mount target '${id}' does not exist.`, 404);
  return found;
}

export function deleteMountTarget(scope: Scope, id: string): void {
  const target = findMountTarget(scope, id);
  if (target.LifeCycleState === 'deleting') return;
  target.LifeCycleState = 'deleting';
  later(scope, LATENCY.efs.mountTarget, `the mount target ${id}`, () => {
    removeNetworkInterface(scope, target.NetworkInterfaceId);
    efsOf(scope).mountTargets.delete(id);
  });
}

export function setMountTargetGroups(scope: Scope, id: string, groupIds: readonly string[]): void {
  const ec2 = ec2Of(scope);
  const networkInterface = ec2.networkInterfaces.find(findMountTarget(scope, id).NetworkInterfaceId);
  networkInterface.groupSet = groupIds.map((groupId) => ({
    groupId,
    groupName: ec2.securityGroups.find(groupId).groupName,
  }));
}

export function mountTargetsOf(scope: Scope, fileSystemId: string): MountTarget[] {
  return [...efsOf(scope).mountTargets.values()].filter((target) => target.FileSystemId === fileSystemId);
}

export function createAccessPoint(scope: Scope, input: WireObject): AccessPoint {
  const fileSystem = findFileSystem(scope, String(input.FileSystemId));
  const id = newId(scope, 'fsap');
  const point: AccessPoint = {
    AccessPointId: id,
    AccessPointArn: arn(scope, `access-point/${id}`),
    FileSystemId: fileSystem.FileSystemId,
    ClientToken: String(input.ClientToken ?? id),
    OwnerId: scope.account.accountId,
    LifeCycleState: 'available',
    PosixUser: input.PosixUser,
    RootDirectory: input.RootDirectory ?? { Path: '/' },
    Tags: input.Tags ?? [],
  };
  efsOf(scope).accessPoints.set(id, point);
  return point;
}

export function findAccessPoint(scope: Scope, id: string): AccessPoint {
  const found = efsOf(scope).accessPoints.get(id);
  if (!found) throw new AwsError('AccessPointNotFound', `Access point '${id}' does not exist.`, 404);
  return found;
}

export function deleteAccessPoint(scope: Scope, id: string): void {
  findAccessPoint(scope, id);
  efsOf(scope).accessPoints.delete(id);
}

export function accessPointsOf(scope: Scope, fileSystemId: string): AccessPoint[] {
  return [...efsOf(scope).accessPoints.values()].filter((point) => point.FileSystemId === fileSystemId);
}

function newId(scope: Scope, prefix: string): string {
  const random = scope.account.stateOf('efs/ids', () => scope.account.random('efs'));
  return `${prefix}-0${random.hex(16)}`;
}

function arn(scope: Scope, resource: string): string {
  return `arn:aws:elasticfilesystem:${scope.region}:${scope.account.accountId}:${resource}`;
}

function later(scope: Scope, delay: number, what: string, action: () => void): void {
  const end = scope.account.begin(what);
  scope.account.simulation.clock.after(delay, () => {
    action();
    end();
  });
}
