/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-internetgateway.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createInternetGateway, deleteInternetGateway } from '../ec2/vpcs';
import { LATENCY } from '../latencies';
import { tagsAtBirth, updateTags } from './ec2-tags';

export const internetGateway: ResourceType = {
  typeName: 'AWS::EC2::InternetGateway',
  latencies: { create: LATENCY.internetGateway.create },
  create: (properties, request) => createInternetGateway(request, tagsAtBirth(properties, request)).internetGatewayId,
  update: updateTags,
  delete: (id, request) => deleteInternetGateway(request, id),
  attributes: { InternetGatewayId: (id) => id },
};
