/**
 * IPv6 in a VPC: Amazon gives it a block of 2^72 addresses (/56), each subnet takes one of 2^64 (/64), and an egress-only
 * internet gateway lets what has such an address out, and nobody in.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
 *
 * Blocks are from 2001:db8::/32, which is reserved for documentation. Left out: blocks of one's own, addresses of interfaces.
 */
import { AwsError } from '../aws-error';
import type { Scope, WireObject } from '../service';
import { dependencyViolation, type Ec2Tag, ec2Of, type Tagged } from './state';
import type { Subnet, Vpc } from './vpcs';

export interface EgressOnlyInternetGateway extends Tagged {
  readonly egressOnlyInternetGatewayId: string;
  readonly attachmentSet: readonly { readonly vpcId: string; readonly state: string }[];
}

/** The /56 block number `n`: `2001:db8:0:100::/56` is number 1. */
function amazonBlock(n: number): string {
  const groups = [0x2001, 0xdb8, Math.floor(n / 256), (n % 256) * 256];
  return `${groups.map((group) => group.toString(16)).join(':')}::/56`;
}

/** Gives the VPC a block of Amazon's. @returns the id of the association */
export function associateVpcIpv6(scope: Scope, vpc: Vpc): string {
  const ec2 = ec2Of(scope);
  const associationId = ec2.id('vpc-cidr-assoc');
  const n = scope.account.stateOf(`ec2/ipv6/${scope.region}`, () => ({ blocks: 0 }));
  n.blocks++;
  vpc.ipv6CidrBlockAssociationSet.push({
    associationId,
    ipv6CidrBlock: amazonBlock(n.blocks),
    ipv6CidrBlockState: { state: 'associated' },
    networkBorderGroup: scope.region,
    ipv6Pool: 'Amazon',
  });
  return associationId;
}

/** The IPv4 or IPv6 block of that association goes. @throws DependencyViolation while a subnet has addresses of it */
export function disassociateVpcCidr(scope: Scope, vpc: Vpc, associationId: string): void {
  const isIt = (item: WireObject) => item.associationId === associationId;
  const ipv6 = vpc.ipv6CidrBlockAssociationSet.find(isIt);
  if (!ipv6 && !vpc.cidrBlockAssociationSet.some(isIt)) {
    const message = `The vpc CIDR block association ID '${associationId}' does not exist`;
    throw new AwsError('InvalidVpcCidrBlockAssociationID.NotFound', message);
  }
  const users = ec2Of(scope).subnets.where((subnet) => subnet.vpcId === vpc.vpcId && ipv6BlockOf(subnet) !== undefined);
  if (ipv6 && users.length > 0) {
    throw dependencyViolation(`The vpc '${vpc.vpcId}' has dependencies and cannot be disassociated.`);
  }
  vpc.ipv6CidrBlockAssociationSet = vpc.ipv6CidrBlockAssociationSet.filter((item) => !isIt(item));
  vpc.cidrBlockAssociationSet = vpc.cidrBlockAssociationSet.filter((item) => !isIt(item));
}

/** @throws InvalidSubnet.Range unless the block is a /64 of the VPC's, InvalidSubnet.Conflict when another subnet has it */
export function associateSubnetIpv6(scope: Scope, subnet: Subnet, ipv6CidrBlock: string): string {
  const ec2 = ec2Of(scope);
  const vpc = ec2.vpcs.find(subnet.vpcId);
  const isInside = vpc.ipv6CidrBlockAssociationSet.some((item) => isSubnetBlock(item.ipv6CidrBlock, ipv6CidrBlock));
  if (!isInside) throw new AwsError('InvalidSubnet.Range', `The CIDR '${ipv6CidrBlock}' is invalid.`);
  if (ec2.subnets.where((other) => other.vpcId === vpc.vpcId && ipv6BlockOf(other) === ipv6CidrBlock).length > 0) {
    throw new AwsError('InvalidSubnet.Conflict', `The CIDR '${ipv6CidrBlock}' conflicts with another subnet`);
  }
  const associationId = ec2.id('subnet-cidr-assoc');
  subnet.ipv6CidrBlockAssociationSet = [{ associationId, ipv6CidrBlock, ipv6CidrBlockState: { state: 'associated' } }];
  return associationId;
}

export function disassociateSubnetIpv6(scope: Scope, associationId: string): void {
  for (const subnet of ec2Of(scope).subnets.values()) {
    subnet.ipv6CidrBlockAssociationSet = subnet.ipv6CidrBlockAssociationSet.filter(
      (item) => item.associationId !== associationId,
    );
  }
}

export function ipv6BlockOf(subnet: Subnet): string | undefined {
  return subnet.ipv6CidrBlockAssociationSet[0]?.ipv6CidrBlock;
}

/** `2001:db8:0:100::/56` has `2001:db8:0:1ff::/64`. */
function isSubnetBlock(vpcBlock: string, subnetBlock: string): boolean {
  const [address = '', prefix] = subnetBlock.split('/');
  if (prefix !== '64') return false;
  const high = (text: string) => ipv6Groups(text).slice(0, 4);
  const [outer, inner] = [high(vpcBlock.split('/')[0]!), high(address)];
  return outer.slice(0, 3).join() === inner.slice(0, 3).join() && (inner[3]! & 0xff00) === outer[3];
}

/** The eight groups of 16 bits of an address; `::` stands for as many zeros as are missing. */
export function ipv6Groups(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const numbers = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [numbers(head), numbers(tail ?? '')];
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...new Array<number>(missing).fill(0), ...after];
}

export function createEgressOnlyGateway(scope: Scope, vpcId: string, tagSet: Ec2Tag[]): EgressOnlyInternetGateway {
  const ec2 = ec2Of(scope);
  ec2.vpcs.find(vpcId);
  const gateway: EgressOnlyInternetGateway = {
    egressOnlyInternetGatewayId: ec2.id('eigw'),
    attachmentSet: [{ vpcId, state: 'attached' }],
    tagSet,
  };
  ec2.egressOnlyGateways.set(gateway.egressOnlyInternetGatewayId, gateway);
  return gateway;
}

export function deleteEgressOnlyGateway(scope: Scope, id: string): void {
  const ec2 = ec2Of(scope);
  ec2.egressOnlyGateways.find(id);
  ec2.egressOnlyGateways.delete(id);
}
