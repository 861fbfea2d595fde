/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpccidrblock.html */
import { notSimulated } from '../aws-error';
import type { ResourceType } from '../cloudformation/resource-type';
import { associateVpcIpv6, disassociateVpcCidr } from '../ec2/ipv6';
import { ec2Of, isTrue } from '../ec2/state';
import { LATENCY } from '../latencies';

export const vpcCidrBlock: ResourceType = {
  typeName: 'AWS::EC2::VPCCidrBlock',
  latencies: { create: 15_000, deletePatience: LATENCY.patience.network },
  create: (properties, request) => {
    if (!isTrue(properties.AmazonProvidedIpv6CidrBlock)) {
      throw notSimulated('AWS::EC2::VPCCidrBlock without AmazonProvidedIpv6CidrBlock');
    }
    return associateVpcIpv6(request, ec2Of(request).vpcs.find(String(properties.VpcId)));
  },
  delete: (id, request, { VpcId }) => disassociateVpcCidr(request, ec2Of(request).vpcs.find(String(VpcId)), id),
  attributes: { Id: (id) => id, Ipv6AddressAttribute: () => 'public', IpSource: () => 'amazon' },
};
