/** EFS's API. https://docs.aws.amazon.com/efs/latest/ug/api-reference.html */
import { restJsonProtocol } from '../http/rest-json-protocol';
import type { Scope, Service, WireObject } from '../service';
import {
  accessPointsOf,
  createAccessPoint,
  createFileSystem,
  createMountTarget,
  deleteAccessPoint,
  deleteFileSystem,
  deleteMountTarget,
  efsOf,
  type FileSystem,
  findAccessPoint,
  findFileSystem,
  findMountTarget,
  mountTargetsOf,
  setMountTargetGroups,
} from './state';

const API = '/2015-02-01';

export const efs: Service = {
  name: 'Efs',
  signingName: 'elasticfilesystem',
  protocol: restJsonProtocol({
    [`POST ${API}/file-systems`]: 'CreateFileSystem',
    [`GET ${API}/file-systems`]: 'DescribeFileSystems',
    [`DELETE ${API}/file-systems/{FileSystemId}`]: 'DeleteFileSystem',
    [`POST ${API}/mount-targets`]: 'CreateMountTarget',
    [`GET ${API}/mount-targets`]: 'DescribeMountTargets',
    [`DELETE ${API}/mount-targets/{MountTargetId}`]: 'DeleteMountTarget',
    [`GET ${API}/mount-targets/{MountTargetId}/security-groups`]: 'DescribeMountTargetSecurityGroups',
    [`PUT ${API}/mount-targets/{MountTargetId}/security-groups`]: 'ModifyMountTargetSecurityGroups',
    [`POST ${API}/access-points`]: 'CreateAccessPoint',
    [`GET ${API}/access-points`]: 'DescribeAccessPoints',
    [`DELETE ${API}/access-points/{AccessPointId}`]: 'DeleteAccessPoint',
  }),
  operations: {
    CreateFileSystem: (input, call) => wireFileSystem(call, createFileSystem(call, input)),
    DescribeFileSystems: ({ FileSystemId }, call) => ({
      FileSystems: (FileSystemId ? [findFileSystem(call, FileSystemId)] : [...efsOf(call).fileSystems.values()]).map(
        (item) => wireFileSystem(call, item),
      ),
    }),
    DeleteFileSystem: ({ FileSystemId }, call) => {
      deleteFileSystem(call, FileSystemId);
      return {};
    },
    CreateMountTarget: (input, call) => createMountTarget(call, input),
    DescribeMountTargets: ({ FileSystemId, MountTargetId }, call) => ({
      MountTargets: MountTargetId
        ? [findMountTarget(call, MountTargetId)]
        : mountTargetsOf(call, findFileSystem(call, FileSystemId).FileSystemId),
    }),
    DeleteMountTarget: ({ MountTargetId }, call) => {
      deleteMountTarget(call, MountTargetId);
      return {};
    },
    DescribeMountTargetSecurityGroups: ({ MountTargetId }, call) => {
      const { NetworkInterfaceId } = findMountTarget(call, MountTargetId);
      const input = { NetworkInterfaceId: [NetworkInterfaceId] };
      const [item] = call.account.call('ec2', 'DescribeNetworkInterfaces', input, call).networkInterfaceSet;
      return { SecurityGroups: item.groupSet.map(({ groupId }: { groupId: string }) => groupId) };
    },
    ModifyMountTargetSecurityGroups: ({ MountTargetId, SecurityGroups }, call) => {
      setMountTargetGroups(call, MountTargetId, SecurityGroups);
      return {};
    },
    CreateAccessPoint: (input, call) => createAccessPoint(call, input),
    DescribeAccessPoints: ({ AccessPointId, FileSystemId }, call) => ({
      AccessPoints: AccessPointId
        ? [findAccessPoint(call, AccessPointId)]
        : FileSystemId
          ? accessPointsOf(call, FileSystemId)
          : [...efsOf(call).accessPoints.values()],
    }),
    DeleteAccessPoint: ({ AccessPointId }, call) => {
      deleteAccessPoint(call, AccessPointId);
      return {};
    },
  },
};

function wireFileSystem(scope: Scope, fileSystem: FileSystem): WireObject {
  const { lifecyclePolicies: _, backupPolicy: __, policy: ___, ...members } = fileSystem;
  return {
    ...members,
    Name: members.Tags.find(({ Key }) => Key === 'Name')?.Value,
    NumberOfMountTargets: mountTargetsOf(scope, members.FileSystemId).length,
    SizeInBytes: { Value: 6144, Timestamp: scope.account.now / 1000 },
    FileSystemProtection: { ReplicationOverwriteProtection: 'ENABLED' },
  };
}
