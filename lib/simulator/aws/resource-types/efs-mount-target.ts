/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-efs-mounttarget.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createMountTarget, deleteMountTarget, efsOf, findMountTarget, setMountTargetGroups } from '../efs/state';

export const mountTarget: ResourceType = {
  typeName: 'AWS::EFS::MountTarget',
  create: (properties, request) => createMountTarget(request, properties).MountTargetId,
  settled: (id, request) => findMountTarget(request, id).LifeCycleState === 'available',
  update: (id, { SecurityGroups }, request) => setMountTargetGroups(request, id, SecurityGroups),
  delete: (id, request) => deleteMountTarget(request, id),
  deleted: (id, request) => !efsOf(request).mountTargets.has(id),
  attributes: {
    Id: (id) => id,
    IpAddress: (id, request) => findMountTarget(request, id).IpAddress,
  },
};
