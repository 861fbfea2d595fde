/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnetroutetableassociation.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { associateRouteTable, disassociateRouteTable } from '../ec2/route-tables';

export const subnetRouteTableAssociation: ResourceType = {
  typeName: 'AWS::EC2::SubnetRouteTableAssociation',
  create: (properties, request) =>
    associateRouteTable(request, String(properties.RouteTableId), String(properties.SubnetId)),
  delete: (id, request) => disassociateRouteTable(request, id),
  attributes: { Id: (id) => id },
};
