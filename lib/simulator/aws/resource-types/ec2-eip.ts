/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-eip.html  The id is the public address. */
import { AwsError } from '../aws-error';
import type { ResourceType } from '../cloudformation/resource-type';
import { ec2Of } from '../ec2/state';
import { type Address, allocateAddress, releaseAddress } from '../ec2/vpcs';
import type { Scope } from '../service';
import { tagsAtBirth, updateTags } from './ec2-tags';

function find(scope: Scope, publicIp: string): Address {
  const [address] = ec2Of(scope).addresses.where((item) => item.publicIp === publicIp);
  if (!address) throw new AwsError('InvalidAddress.NotFound', `Address '${publicIp}' not found.`);
  return address;
}

export const eip: ResourceType = {
  typeName: 'AWS::EC2::EIP',
  latencies: { create: 10_000 },
  create: (properties, request) => allocateAddress(request, tagsAtBirth(properties, request)).publicIp,
  update: (id, properties, request, previous) =>
    updateTags(find(request, id).allocationId, properties, request, previous),
  delete: (id, request) => releaseAddress(request, find(request, id).allocationId),
  attributes: {
    AllocationId: (id, request) => find(request, id).allocationId,
    PublicIp: (id) => id,
  },
};
