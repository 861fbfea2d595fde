/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { ec2Of } from '../ec2/state';
import { createVpcEndpoint, deleteVpcEndpoint } from '../ec2/vpc-endpoints';
import { tagsAtBirth } from './ec2-tags';

export const vpcEndpoint: ResourceType = {
  typeName: 'AWS::EC2::VPCEndpoint',
  replaceOn: ['SubnetIds', 'SecurityGroupIds'],
  latencies: { create: 60_000, delete: 30_000 },
  create: (properties, request) =>
    createVpcEndpoint(request, properties, tagsAtBirth(properties, request)).vpcEndpointId,
  update: (id, properties, request) => {
    ec2Of(request).vpcEndpoints.find(id).routeTableIdSet = properties.RouteTableIds ?? [];
  },
  delete: (id, request) => deleteVpcEndpoint(request, id),
  attributes: {
    Id: (id) => id,
    NetworkInterfaceIds: (id, request) => ec2Of(request).vpcEndpoints.find(id).networkInterfaceIdSet,
    CreationTimestamp: (id, request) => ec2Of(request).vpcEndpoints.find(id).creationTimestamp,
    DnsEntries: () => [],
  },
};
