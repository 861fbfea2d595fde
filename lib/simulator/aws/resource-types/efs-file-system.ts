/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-efs-filesystem.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createFileSystem, deleteFileSystem, efsOf, findFileSystem } from '../efs/state';

export const fileSystem: ResourceType = {
  typeName: 'AWS::EFS::FileSystem',
  latencies: { deletePatience: 10 * 60_000 },
  create: ({ FileSystemTags, ...properties }, request) => {
    const Tags = request.tags(FileSystemTags);
    return createFileSystem(request, { ...properties, CreationToken: request.uniqueId, Tags }).FileSystemId;
  },
  settled: (id, request) => findFileSystem(request, id).LifeCycleState === 'available',
  update: (id, properties, request) => {
    const item = findFileSystem(request, id);
    item.ThroughputMode = String(properties.ThroughputMode ?? 'bursting');
    item.lifecyclePolicies = properties.LifecyclePolicies ?? [];
    item.backupPolicy = properties.BackupPolicy?.Status;
    item.policy = properties.FileSystemPolicy;
    item.Tags = request.tags(properties.FileSystemTags);
  },
  delete: (id, request) => deleteFileSystem(request, id),
  deleted: (id, request) => !efsOf(request).fileSystems.has(id),
  attributes: {
    FileSystemId: (id) => id,
    Arn: (id, request) => findFileSystem(request, id).FileSystemArn,
  },
  read: (id, request) => {
    const { PerformanceMode, Encrypted, ThroughputMode } = findFileSystem(request, id);
    return { PerformanceMode, Encrypted, ThroughputMode };
  },
};
