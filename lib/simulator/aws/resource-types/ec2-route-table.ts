/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-routetable.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createRouteTable, deleteRouteTable } from '../ec2/route-tables';
import { tagsAtBirth, updateTags } from './ec2-tags';

export const routeTable: ResourceType = {
  typeName: 'AWS::EC2::RouteTable',
  create: (properties, request) => createRouteTable(request, properties, tagsAtBirth(properties, request)).routeTableId,
  update: updateTags,
  delete: (id, request) => deleteRouteTable(request, id),
  attributes: { RouteTableId: (id) => id },
};
