/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcgatewayattachment.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { attachInternetGateway, detachInternetGateway } from '../ec2/vpcs';
import { LATENCY } from '../latencies';

export const vpcGatewayAttachment: ResourceType = {
  typeName: 'AWS::EC2::VPCGatewayAttachment',
  replaceOn: ['InternetGatewayId'],
  latencies: { deletePatience: LATENCY.patience.network },
  create: (properties, request) => {
    attachInternetGateway(request, String(properties.InternetGatewayId), String(properties.VpcId));
    return `IGW|${properties.VpcId}`;
  },
  delete: (_id, request, properties) =>
    detachInternetGateway(request, String(properties.InternetGatewayId), String(properties.VpcId)),
  attributes: { AttachmentType: () => 'IGW' },
};
