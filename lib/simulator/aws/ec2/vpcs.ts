/**
 * Networks: VPCs, subnets, gateways, elastic addresses.
 * https://docs.aws.amazon.com/vpc/latest/userguide/what-is-amazon-vpc.html
 *
 * Left out: network ACL rules (each VPC has its default one, by id), peering, transit gateways. Packets are not routed.
 */
import { AwsError } from '../aws-error';
import { LATENCY } from '../latencies';
import { availabilityZonesOf, zoneIdOf } from '../regions';
import type { Scope, WireObject } from '../service';
import { contains, overlaps, parseCidr } from './addresses';
import { associateSubnetIpv6 } from './ipv6';
import { associatePublicAddress, createNetworkInterface, removeNetworkInterface } from './network-interfaces';
import { createRouteTable, routeTableAssociation } from './route-tables';
import { createSecurityGroup } from './security-groups';
import { dependencyViolation, type Ec2Tag, ec2Of, isTrue, type Tagged } from './state';

export interface Vpc extends Tagged {
  readonly vpcId: string;
  readonly ownerId: string;
  readonly cidrBlock: string;
  readonly state: string;
  readonly dhcpOptionsId: string;
  readonly instanceTenancy: string;
  readonly isDefault: boolean;
  cidrBlockAssociationSet: WireObject[];
  ipv6CidrBlockAssociationSet: WireObject[];
  enableDnsHostnames: boolean;
  enableDnsSupport: boolean;
  readonly networkAclId: string;
}

export interface Subnet extends Tagged {
  readonly subnetId: string;
  readonly subnetArn: string;
  readonly ownerId: string;
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly state: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  readonly defaultForAz: boolean;
  mapPublicIpOnLaunch: boolean;
  assignIpv6AddressOnCreation: boolean;
  ipv6CidrBlockAssociationSet: WireObject[];
}

export interface InternetGateway extends Tagged {
  readonly internetGatewayId: string;
  readonly ownerId: string;
  attachmentSet: { readonly vpcId: string; readonly state: string }[];
}

export interface NatGateway extends Tagged {
  readonly natGatewayId: string;
  readonly subnetId: string;
  readonly vpcId: string;
  state: string;
  readonly connectivityType: string;
  readonly createTime: string;
  deleteTime?: string;
  natGatewayAddressSet: WireObject[];
}

export interface Address extends Tagged {
  readonly allocationId: string;
  readonly publicIp: string;
  readonly domain: string;
  associationId?: string;
  networkInterfaceId?: string;
  instanceId?: string;
  privateIpAddress?: string;
}

export function createVpc(scope: Scope, input: WireObject, tagSet: Ec2Tag[]): Vpc {
  const ec2 = ec2Of(scope);
  scope.account.faults.checkQuota('L-F678F1CE', ec2.vpcs.size);
  const block = parseCidr(String(input.CidrBlock));
  if (!(block.prefix >= 16 && block.prefix <= 28)) {
    throw new AwsError('InvalidVpc.Range', `The CIDR '${input.CidrBlock}' is invalid.`);
  }
  const vpcId = ec2.id('vpc');
  const vpc: Vpc = {
    vpcId,
    ownerId: scope.account.accountId,
    cidrBlock: String(input.CidrBlock),
    state: 'available',
    dhcpOptionsId: 'dopt-00000000000000001',
    instanceTenancy: String(input.InstanceTenancy ?? 'default'),
    isDefault: false,
    cidrBlockAssociationSet: [
      { associationId: ec2.id('vpc-cidr-assoc'), cidrBlock: input.CidrBlock, cidrBlockState: { state: 'associated' } },
    ],
    ipv6CidrBlockAssociationSet: [],
    enableDnsHostnames: isTrue(input.EnableDnsHostnames),
    enableDnsSupport: input.EnableDnsSupport === undefined || isTrue(input.EnableDnsSupport),
    networkAclId: ec2.id('acl'),
    tagSet,
  };
  ec2.vpcs.set(vpcId, vpc);
  const GroupDescription = 'default VPC security group';
  createSecurityGroup(scope, { VpcId: vpcId, GroupName: 'default', GroupDescription }, []);
  const main = createRouteTable(scope, { VpcId: vpcId }, []);
  main.associationSet.push(routeTableAssociation(scope, main.routeTableId));
  return vpc;
}

export function defaultSecurityGroupOf(scope: Scope, vpcId: string): string {
  const [group] = ec2Of(scope).securityGroups.where((item) => item.vpcId === vpcId && item.groupName === 'default');
  return group!.groupId;
}

export function deleteVpc(scope: Scope, vpcId: string): void {
  const ec2 = ec2Of(scope);
  ec2.vpcs.find(vpcId);
  const inVpc = (item: { vpcId?: string }) => item.vpcId === vpcId;
  const isUsed =
    ec2.subnets.where(inVpc).length > 0 ||
    ec2.networkInterfaces.where(inVpc).length > 0 ||
    ec2.internetGateways.where(({ attachmentSet }) => attachmentSet.some(inVpc)).length > 0 ||
    ec2.securityGroups.where((group) => inVpc(group) && group.groupName !== 'default').length > 0 ||
    ec2.routeTables.where((table) => inVpc(table) && !table.associationSet.some(({ main }) => main)).length > 0 ||
    ec2.egressOnlyGateways.where(({ attachmentSet }) => attachmentSet.some(inVpc)).length > 0 ||
    ec2.vpcEndpoints.where(inVpc).length > 0;
  if (isUsed) throw dependencyViolation(`The vpc '${vpcId}' has dependencies and cannot be deleted.`);
  for (const { routeTableId } of ec2.routeTables.where(inVpc)) ec2.routeTables.delete(routeTableId);
  for (const { groupId } of ec2.securityGroups.where(inVpc)) ec2.securityGroups.delete(groupId);
  ec2.vpcs.delete(vpcId);
}

export function createSubnet(scope: Scope, input: WireObject, tagSet: Ec2Tag[]): Subnet {
  const ec2 = ec2Of(scope);
  const vpc = ec2.vpcs.find(String(input.VpcId));
  const block = parseCidr(String(input.CidrBlock));
  if (!contains(parseCidr(vpc.cidrBlock), block)) {
    throw new AwsError('InvalidSubnet.Range', `The CIDR '${input.CidrBlock}' is invalid.`);
  }
  const clash = ec2.subnets.where((other) => other.vpcId === vpc.vpcId && overlaps(parseCidr(other.cidrBlock), block));
  if (clash.length > 0) {
    throw new AwsError('InvalidSubnet.Conflict', `The CIDR '${input.CidrBlock}' conflicts with another subnet`);
  }
  const zones = availabilityZonesOf(scope.region);
  const availabilityZone = String(input.AvailabilityZone ?? zones[0]);
  if (!zones.includes(availabilityZone)) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value (${availabilityZone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.join(', ')}.`,
    );
  }
  const subnetId = ec2.id('subnet');
  const subnet: Subnet = {
    subnetId,
    subnetArn: `arn:aws:ec2:${scope.region}:${scope.account.accountId}:subnet/${subnetId}`,
    ownerId: scope.account.accountId,
    vpcId: vpc.vpcId,
    cidrBlock: String(input.CidrBlock),
    state: 'available',
    availabilityZone,
    availabilityZoneId: zoneIdOf(availabilityZone),
    defaultForAz: false,
    mapPublicIpOnLaunch: isTrue(input.MapPublicIpOnLaunch),
    assignIpv6AddressOnCreation: isTrue(input.AssignIpv6AddressOnCreation),
    ipv6CidrBlockAssociationSet: [],
    tagSet,
  };
  if (input.Ipv6CidrBlock) associateSubnetIpv6(scope, subnet, String(input.Ipv6CidrBlock));
  ec2.subnets.set(subnetId, subnet);
  return subnet;
}

export function deleteSubnet(scope: Scope, subnetId: string): void {
  const ec2 = ec2Of(scope);
  ec2.subnets.find(subnetId);
  if (ec2.networkInterfaces.where((item) => item.subnetId === subnetId).length > 0) {
    throw dependencyViolation(`The subnet '${subnetId}' has dependencies and cannot be deleted.`);
  }
  for (const table of ec2.routeTables.values()) {
    table.associationSet = table.associationSet.filter((item) => item.subnetId !== subnetId);
  }
  ec2.subnets.delete(subnetId);
}

export function createInternetGateway(scope: Scope, tagSet: Ec2Tag[]): InternetGateway {
  const ec2 = ec2Of(scope);
  scope.account.faults.checkQuota('L-A4707A72', ec2.internetGateways.size);
  const gateway = {
    internetGatewayId: ec2.id('igw'),
    ownerId: scope.account.accountId,
    attachmentSet: [],
    tagSet,
  };
  ec2.internetGateways.set(gateway.internetGatewayId, gateway);
  return gateway;
}

export function attachInternetGateway(scope: Scope, internetGatewayId: string, vpcId: string): void {
  const ec2 = ec2Of(scope);
  const gateway = ec2.internetGateways.find(internetGatewayId);
  ec2.vpcs.find(vpcId);
  if (gateway.attachmentSet.length > 0) {
    throw new AwsError(
      'Resource.AlreadyAssociated',
      `resource ${internetGatewayId} is already attached to network ${gateway.attachmentSet[0]!.vpcId}`,
    );
  }
  gateway.attachmentSet = [{ vpcId, state: 'available' }];
}

export function detachInternetGateway(scope: Scope, internetGatewayId: string, vpcId: string): void {
  const ec2 = ec2Of(scope);
  const gateway = ec2.internetGateways.find(internetGatewayId);
  if (!gateway.attachmentSet.some((item) => item.vpcId === vpcId)) {
    throw new AwsError('Gateway.NotAttached', `resource ${internetGatewayId} is not attached to network ${vpcId}`);
  }
  const mapped = ec2.networkInterfaces.where((item) => item.vpcId === vpcId && item.association !== undefined);
  if (mapped.length > 0) {
    throw dependencyViolation(
      `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
    );
  }
  gateway.attachmentSet = [];
}

export function deleteInternetGateway(scope: Scope, internetGatewayId: string): void {
  const ec2 = ec2Of(scope);
  if (ec2.internetGateways.find(internetGatewayId).attachmentSet.length > 0) {
    throw dependencyViolation(`The internetGateway '${internetGatewayId}' has dependencies and cannot be deleted.`);
  }
  ec2.internetGateways.delete(internetGatewayId);
}

export function allocateAddress(scope: Scope, tagSet: Ec2Tag[]): Address {
  const ec2 = ec2Of(scope);
  scope.account.faults.checkQuota('L-0263D0A3', ec2.addresses.size);
  const address: Address = { allocationId: ec2.id('eipalloc'), publicIp: ec2.publicAddress(), domain: 'vpc', tagSet };
  ec2.addresses.set(address.allocationId, address);
  return address;
}

export function releaseAddress(scope: Scope, allocationId: string): void {
  const ec2 = ec2Of(scope);
  const address = ec2.addresses.find(allocationId);
  if (address.associationId) {
    throw new AwsError('InvalidIPAddress.InUse', `Address ${address.publicIp} is in use.`);
  }
  ec2.addresses.delete(allocationId);
}

/** `pending` for about two minutes, with an interface of its own in the subnet. */
export function createNatGateway(scope: Scope, input: WireObject, tagSet: Ec2Tag[]): NatGateway {
  const ec2 = ec2Of(scope);
  const subnet = ec2.subnets.find(String(input.SubnetId));
  const inZone = ec2.natGateways.where(
    ({ subnetId, state }) =>
      state !== 'deleted' && ec2.subnets.get(subnetId)?.availabilityZone === subnet.availabilityZone,
  );
  scope.account.faults.checkQuota('L-FE5A380F', inZone.length);
  const address = input.AllocationId ? ec2.addresses.find(String(input.AllocationId)) : undefined;
  if (address?.associationId) {
    throw new AwsError('Resource.AlreadyAssociated', `resource ${address.allocationId} is already associated`);
  }
  const natGatewayId = ec2.id('nat');
  const networkInterface = createNetworkInterface(scope, {
    subnetId: subnet.subnetId,
    description: `Interface for NAT Gateway ${natGatewayId}`,
    interfaceType: 'nat_gateway',
    requesterManaged: true,
  });
  if (address) associatePublicAddress(scope, networkInterface, address);
  const gateway: NatGateway = {
    natGatewayId,
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    state: 'pending',
    connectivityType: address ? 'public' : 'private',
    createTime: scope.account.timestamp,
    natGatewayAddressSet: [
      {
        allocationId: address?.allocationId,
        publicIp: address?.publicIp,
        networkInterfaceId: networkInterface.networkInterfaceId,
        privateIp: networkInterface.privateIpAddress,
        isPrimary: true,
        status: 'succeeded',
      },
    ],
    tagSet,
  };
  ec2.natGateways.set(natGatewayId, gateway);
  const end = scope.account.begin(`the NAT gateway ${natGatewayId}`);
  scope.account.simulation.clock.after(LATENCY.natGateway.create, () => {
    if (gateway.state === 'pending') gateway.state = 'available';
    end();
  });
  return gateway;
}

/** `deleting`, then `deleted`; the gateway is listed for another hour. */
export function deleteNatGateway(scope: Scope, natGatewayId: string): void {
  const ec2 = ec2Of(scope);
  const gateway = ec2.natGateways.find(natGatewayId);
  if (gateway.state === 'deleted' || gateway.state === 'deleting') return;
  gateway.state = 'deleting';
  const end = scope.account.begin(`the NAT gateway ${natGatewayId}`);
  scope.account.simulation.clock.after(LATENCY.natGateway.delete, () => {
    for (const { networkInterfaceId } of gateway.natGatewayAddressSet) {
      removeNetworkInterface(scope, String(networkInterfaceId));
    }
    gateway.state = 'deleted';
    gateway.deleteTime = scope.account.timestamp;
    end();
    scope.account.simulation.clock.after(3_600_000, () => ec2.natGateways.delete(natGatewayId), { background: true });
  });
}
