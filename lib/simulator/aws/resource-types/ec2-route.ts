/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-route.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createRoute, deleteRoute, replaceRoute, routeDestination } from '../ec2/route-tables';

export const route: ResourceType = {
  typeName: 'AWS::EC2::Route',
  create: (properties, request) => {
    createRoute(request, properties);
    return `${properties.RouteTableId}|${routeDestination(properties)}`;
  },
  update: (_id, properties, request) => replaceRoute(request, properties),
  delete: (id, request) => {
    const [table, destination] = id.split('|') as [string, string];
    deleteRoute(request, table, destination);
  },
  attributes: { CidrBlock: (id) => id.split('|')[1] },
};
