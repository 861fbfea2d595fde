/**
 * Elastic network interfaces: what everything in a VPC is reached through, and what keeps subnets and security groups
 * from being deleted. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html
 */
import { AwsError } from '../aws-error';
import type { Scope } from '../service';
import { parseCidr, toAddress, usableAddresses } from './addresses';
import { type Ec2Tag, ec2Of, type Tagged } from './state';
import type { Address, Subnet } from './vpcs';

export interface NetworkInterface extends Tagged {
  readonly networkInterfaceId: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly description: string;
  readonly ownerId: string;
  readonly interfaceType: string;
  readonly requesterManaged: boolean;
  readonly macAddress: string;
  readonly privateIpAddress: string;
  readonly privateDnsName: string;
  privateIpAddressesSet: PrivateAddress[];
  status: string;
  groupSet: { readonly groupId: string; readonly groupName: string }[];
  attachment?: InterfaceAttachment;
  association?: InterfaceAssociation;
  readonly sourceDestCheck: boolean;
}

export interface PrivateAddress {
  readonly privateIpAddress: string;
  readonly primary: boolean;
}

export interface InterfaceAttachment {
  readonly attachmentId: string;
  readonly instanceId?: string;
  readonly instanceOwnerId: string;
  readonly deviceIndex: number;
  readonly status: string;
  readonly deleteOnTermination: boolean;
}

export interface InterfaceAssociation {
  readonly publicIp: string;
  readonly publicDnsName: string;
  readonly ipOwnerId: string;
  readonly allocationId?: string;
  readonly associationId?: string;
}

export interface NewNetworkInterface {
  readonly subnetId: string;
  readonly description: string;
  readonly groupIds?: readonly string[];
  /** @default `interface` */
  readonly interfaceType?: string;
  readonly requesterManaged?: boolean;
  readonly tagSet?: Ec2Tag[];
  /** @default `in-use` for interfaces of AWS's own services, `available` otherwise */
  readonly status?: string;
}

export function createNetworkInterface(scope: Scope, input: NewNetworkInterface): NetworkInterface {
  const ec2 = ec2Of(scope);
  const subnet = ec2.subnets.find(input.subnetId);
  const privateIpAddress = allocatePrivateAddress(scope, subnet);
  const mac = ec2.hex(10).match(/../g)!.join(':');
  const item: NetworkInterface = {
    networkInterfaceId: ec2.id('eni'),
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    availabilityZone: subnet.availabilityZone,
    description: input.description,
    ownerId: scope.account.accountId,
    interfaceType: input.interfaceType ?? 'interface',
    requesterManaged: input.requesterManaged ?? false,
    macAddress: `02:${mac}`,
    privateIpAddress,
    privateDnsName: privateDnsName(scope, privateIpAddress),
    privateIpAddressesSet: [{ privateIpAddress, primary: true }],
    status: input.status ?? (input.requesterManaged ? 'in-use' : 'available'),
    groupSet: (input.groupIds ?? []).map((groupId) => ({
      groupId,
      groupName: ec2.securityGroups.find(groupId).groupName,
    })),
    sourceDestCheck: input.interfaceType !== 'nat_gateway',
    tagSet: input.tagSet ?? [],
  };
  ec2.networkInterfaces.set(item.networkInterfaceId, item);
  return item;
}

/** `10.0.1.17` -> `ip-10-0-1-17.eu-west-1.compute.internal`. */
export function privateDnsName(scope: Scope, address: string): string {
  const domain = scope.region === 'us-east-1' ? 'ec2.internal' : `${scope.region}.compute.internal`;
  return `ip-${address.replace(/\./g, '-')}.${domain}`;
}

/** A secondary address on an interface: what a Pod gets from the VPC CNI. */
export function assignPrivateAddress(scope: Scope, item: NetworkInterface): string {
  const address = allocatePrivateAddress(scope, ec2Of(scope).subnets.find(item.subnetId));
  item.privateIpAddressesSet.push({ privateIpAddress: address, primary: false });
  return address;
}

export function unassignPrivateAddress(item: NetworkInterface, address: string): void {
  item.privateIpAddressesSet = item.privateIpAddressesSet.filter(
    ({ privateIpAddress, primary }) => primary || privateIpAddress !== address,
  );
}

function allocatePrivateAddress(scope: Scope, subnet: Subnet): string {
  const ec2 = ec2Of(scope);
  const used = addressesInUse(scope, subnet);
  const { first, count } = usableAddresses(parseCidr(subnet.cidrBlock));
  if (used.size >= count) {
    throw new AwsError(
      'InsufficientFreeAddressesInSubnet',
      `Insufficient Free Addresses in Subnet: ${subnet.subnetId}`,
    );
  }
  // A random start, then the next free one: addresses look drawn, and a full subnet still ends.
  for (let offset = ec2.int(count); ; offset = (offset + 1) % count) {
    const address = toAddress(first + offset);
    if (!used.has(address)) return address;
  }
}

function addressesInUse(scope: Scope, subnet: Subnet): Set<string> {
  const interfaces = ec2Of(scope).networkInterfaces.where((item) => item.subnetId === subnet.subnetId);
  return new Set(interfaces.flatMap((item) => item.privateIpAddressesSet.map((each) => each.privateIpAddress)));
}

export function freeAddressCount(scope: Scope, subnet: Subnet): number {
  return usableAddresses(parseCidr(subnet.cidrBlock)).count - addressesInUse(scope, subnet).size;
}

/** Gives the interface a public address: an elastic one, or one of Amazon's. */
export function associatePublicAddress(scope: Scope, item: NetworkInterface, address?: Address): void {
  const ec2 = ec2Of(scope);
  const publicIp = address?.publicIp ?? ec2.publicAddress();
  const associationId = ec2.id('eipassoc');
  const domain = scope.region === 'us-east-1' ? 'compute-1' : `${scope.region}.compute`;
  item.association = {
    publicIp,
    publicDnsName: `ec2-${publicIp.replace(/\./g, '-')}.${domain}.amazonaws.com`,
    ipOwnerId: address ? scope.account.accountId : 'amazon',
    allocationId: address?.allocationId,
    associationId: address && associationId,
  };
  if (address) {
    address.associationId = associationId;
    address.networkInterfaceId = item.networkInterfaceId;
    address.privateIpAddress = item.privateIpAddress;
  }
}

/** Takes the interface away, whatever uses it: what its owner does. */
export function removeNetworkInterface(scope: Scope, networkInterfaceId: string): void {
  const ec2 = ec2Of(scope);
  const item = ec2.networkInterfaces.get(networkInterfaceId);
  if (!item) return;
  const address = item.association?.allocationId && ec2.addresses.get(item.association.allocationId);
  if (address) {
    address.associationId = undefined;
    address.networkInterfaceId = undefined;
    address.privateIpAddress = undefined;
  }
  ec2.networkInterfaces.delete(networkInterfaceId);
}

/** DeleteNetworkInterface: refused while it is attached. */
export function deleteNetworkInterface(scope: Scope, networkInterfaceId: string): void {
  const item = ec2Of(scope).networkInterfaces.find(networkInterfaceId);
  if (item.status !== 'available') {
    const message = `Network interface '${networkInterfaceId}' is currently in use.`;
    throw new AwsError('InvalidNetworkInterface.InUse', message);
  }
  removeNetworkInterface(scope, networkInterfaceId);
}
