/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-natgateway.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { ec2Of } from '../ec2/state';
import { createNatGateway, deleteNatGateway } from '../ec2/vpcs';
import { tagsAtBirth, updateTags } from './ec2-tags';

export const natGateway: ResourceType = {
  typeName: 'AWS::EC2::NatGateway',
  required: ['SubnetId'],
  create: (properties, request) => createNatGateway(request, properties, tagsAtBirth(properties, request)).natGatewayId,
  settled: (id, request) => ec2Of(request).natGateways.find(id).state === 'available',
  update: updateTags,
  delete: (id, request) => deleteNatGateway(request, id),
  deleted: (id, request) => (ec2Of(request).natGateways.get(id)?.state ?? 'deleted') === 'deleted',
  attributes: {
    NatGatewayId: (id) => id,
    EniId: (id, request) => ec2Of(request).natGateways.find(id).natGatewayAddressSet[0]?.networkInterfaceId,
  },
};
