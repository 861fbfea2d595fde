/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-efs-accesspoint.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createAccessPoint, deleteAccessPoint, findAccessPoint } from '../efs/state';

export const accessPoint: ResourceType = {
  typeName: 'AWS::EFS::AccessPoint',
  create: ({ AccessPointTags, ...properties }, request) =>
    createAccessPoint(request, { ...properties, Tags: request.tags(AccessPointTags) }).AccessPointId,
  update: (id, { AccessPointTags }, request) => {
    findAccessPoint(request, id).Tags = request.tags(AccessPointTags);
  },
  delete: (id, request) => deleteAccessPoint(request, id),
  attributes: {
    AccessPointId: (id) => id,
    Arn: (id, request) => findAccessPoint(request, id).AccessPointArn,
  },
};
