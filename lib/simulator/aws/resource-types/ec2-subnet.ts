/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { associateSubnetIpv6, ipv6BlockOf } from '../ec2/ipv6';
import { ec2Of, isTrue } from '../ec2/state';
import { createSubnet, deleteSubnet } from '../ec2/vpcs';
import { LATENCY } from '../latencies';
import { tagsAtBirth, updateTags } from './ec2-tags';

export const subnet: ResourceType = {
  typeName: 'AWS::EC2::Subnet',
  latencies: { deletePatience: LATENCY.patience.network },
  create: (properties, request) => createSubnet(request, properties, tagsAtBirth(properties, request)).subnetId,
  update: (id, properties, request, previous) => {
    const item = ec2Of(request).subnets.find(id);
    item.mapPublicIpOnLaunch = isTrue(properties.MapPublicIpOnLaunch ?? false);
    item.assignIpv6AddressOnCreation = isTrue(properties.AssignIpv6AddressOnCreation ?? false);
    if (properties.Ipv6CidrBlock && ipv6BlockOf(item) !== properties.Ipv6CidrBlock) {
      associateSubnetIpv6(request, item, String(properties.Ipv6CidrBlock));
    }
    updateTags(id, properties, request, previous);
  },
  delete: (id, request) => deleteSubnet(request, id),
  attributes: {
    SubnetId: (id) => id,
    VpcId: (id, request) => ec2Of(request).subnets.find(id).vpcId,
    AvailabilityZone: (id, request) => ec2Of(request).subnets.find(id).availabilityZone,
    AvailabilityZoneId: (id, request) => ec2Of(request).subnets.find(id).availabilityZoneId,
    CidrBlock: (id, request) => ec2Of(request).subnets.find(id).cidrBlock,
    NetworkAclAssociationId: (id) => id.replace('subnet-', 'aclassoc-'),
    Ipv6CidrBlocks: (id, request) => [ipv6BlockOf(ec2Of(request).subnets.find(id)) ?? []].flat(),
  },
  read: (id, request) => {
    const { cidrBlock, mapPublicIpOnLaunch, vpcId, availabilityZone } = ec2Of(request).subnets.find(id);
    const MapPublicIpOnLaunch = mapPublicIpOnLaunch;
    return { CidrBlock: cidrBlock, MapPublicIpOnLaunch, VpcId: vpcId, AvailabilityZone: availabilityZone };
  },
};
