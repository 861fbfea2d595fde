/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-egressonlyinternetgateway.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createEgressOnlyGateway, deleteEgressOnlyGateway } from '../ec2/ipv6';
import { tagsAtBirth, updateTags } from './ec2-tags';

export const egressOnlyInternetGateway: ResourceType = {
  typeName: 'AWS::EC2::EgressOnlyInternetGateway',
  create: (properties, request) =>
    createEgressOnlyGateway(request, String(properties.VpcId), tagsAtBirth(properties, request))
      .egressOnlyInternetGatewayId,
  update: updateTags,
  delete: (id, request) => deleteEgressOnlyGateway(request, id),
  attributes: { Id: (id) => id },
};
