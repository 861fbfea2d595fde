/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnetcidrblock.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { associateSubnetIpv6, disassociateSubnetIpv6 } from '../ec2/ipv6';
import { ec2Of } from '../ec2/state';

export const subnetCidrBlock: ResourceType = {
  typeName: 'AWS::EC2::SubnetCidrBlock',
  required: ['Ipv6CidrBlock'],
  create: ({ SubnetId, Ipv6CidrBlock }, request) =>
    associateSubnetIpv6(request, ec2Of(request).subnets.find(String(SubnetId)), String(Ipv6CidrBlock)),
  delete: (id, request) => disassociateSubnetIpv6(request, id),
  attributes: { Id: (id) => id, Ipv6AddressAttribute: () => 'public', IpSource: () => 'amazon' },
};
