/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpc.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { ec2Of, isTrue } from '../ec2/state';
import { createVpc, defaultSecurityGroupOf, deleteVpc } from '../ec2/vpcs';
import { LATENCY } from '../latencies';
import { tagsAtBirth, updateTags } from './ec2-tags';

export const vpc: ResourceType = {
  typeName: 'AWS::EC2::VPC',
  required: ['CidrBlock'],
  replaceOn: ['InstanceTenancy'],
  latencies: { create: LATENCY.vpc.create, deletePatience: LATENCY.patience.vpc },
  create: (properties, request) => createVpc(request, properties, tagsAtBirth(properties, request)).vpcId,
  update: (id, properties, request, previous) => {
    const item = ec2Of(request).vpcs.find(id);
    item.enableDnsHostnames = isTrue(properties.EnableDnsHostnames ?? false);
    item.enableDnsSupport = isTrue(properties.EnableDnsSupport ?? true);
    updateTags(id, properties, request, previous);
  },
  delete: (id, request) => deleteVpc(request, id),
  attributes: {
    VpcId: (id) => id,
    CidrBlock: (id, request) => ec2Of(request).vpcs.find(id).cidrBlock,
    CidrBlockAssociations: (id, request) =>
      ec2Of(request)
        .vpcs.find(id)
        .cidrBlockAssociationSet.map(({ associationId }) => associationId),
    DefaultNetworkAcl: (id, request) => ec2Of(request).vpcs.find(id).networkAclId,
    DefaultSecurityGroup: (id, request) => defaultSecurityGroupOf(request, id),
    Ipv6CidrBlocks: (id, request) =>
      ec2Of(request)
        .vpcs.find(id)
        .ipv6CidrBlockAssociationSet.map(({ ipv6CidrBlock }) => ipv6CidrBlock),
  },
  read: (id, request) => {
    const { cidrBlock, enableDnsHostnames, enableDnsSupport } = ec2Of(request).vpcs.find(id);
    return { CidrBlock: cidrBlock, EnableDnsHostnames: enableDnsHostnames, EnableDnsSupport: enableDnsSupport };
  },
};
