/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { ec2Of, isTrue } from '../ec2/state';
import { createSubnet, deleteSubnet } from '../ec2/vpcs';
import { LATENCY } from '../latencies';
import { tagsAtBirth, updateTags } from './ec2-tags';

export const subnet: ResourceType = {
  typeName: 'AWS::EC2::Subnet',
  latencies: { deletePatience: LATENCY.patience.network },
  create: (properties, request) => createSubnet(request, properties, tagsAtBirth(properties, request)).subnetId,
  update: (id, properties, request, previous) => {
    ec2Of(request).subnets.find(id).mapPublicIpOnLaunch = isTrue(properties.MapPublicIpOnLaunch ?? false);
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
    Ipv6CidrBlocks: () => [],
  },
  read: (id, request) => {
    const { cidrBlock, mapPublicIpOnLaunch, vpcId, availabilityZone } = ec2Of(request).subnets.find(id);
    const MapPublicIpOnLaunch = mapPublicIpOnLaunch;
    return { CidrBlock: cidrBlock, MapPublicIpOnLaunch, VpcId: vpcId, AvailabilityZone: availabilityZone };
  },
};
