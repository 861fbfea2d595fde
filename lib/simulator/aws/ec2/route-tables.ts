/**
 * Route tables, the subnets they are for, and their routes.
 * https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
 *
 * Left out: gateway route tables, propagation; packets are not routed.
 */
import { AwsError } from '../aws-error';
import type { Scope, WireObject } from '../service';
import { dependencyViolation, type Ec2Tag, ec2Of, type Tagged } from './state';

export interface RouteTable extends Tagged {
  readonly routeTableId: string;
  readonly vpcId: string;
  readonly ownerId: string;
  routeSet: Route[];
  associationSet: RouteTableAssociation[];
}

export interface Route {
  readonly destinationCidrBlock?: string;
  readonly destinationIpv6CidrBlock?: string;
  readonly destinationPrefixListId?: string;
  gatewayId?: string;
  natGatewayId?: string;
  egressOnlyInternetGatewayId?: string;
  networkInterfaceId?: string;
  readonly state: string;
  readonly origin: string;
}

export interface RouteTableAssociation {
  readonly routeTableAssociationId: string;
  readonly routeTableId: string;
  readonly subnetId?: string;
  readonly main: boolean;
  readonly associationState: { readonly state: string };
}

export function createRouteTable(scope: Scope, input: WireObject, tagSet: Ec2Tag[]): RouteTable {
  const ec2 = ec2Of(scope);
  const vpc = ec2.vpcs.find(String(input.VpcId));
  const table: RouteTable = {
    routeTableId: ec2.id('rtb'),
    vpcId: vpc.vpcId,
    ownerId: scope.account.accountId,
    routeSet: [
      { destinationCidrBlock: vpc.cidrBlock, gatewayId: 'local', state: 'active', origin: 'CreateRouteTable' },
    ],
    associationSet: [],
    tagSet,
  };
  ec2.routeTables.set(table.routeTableId, table);
  return table;
}

export function deleteRouteTable(scope: Scope, routeTableId: string): void {
  const ec2 = ec2Of(scope);
  if (ec2.routeTables.find(routeTableId).associationSet.length > 0) {
    throw dependencyViolation(`The routeTable '${routeTableId}' has dependencies and cannot be deleted.`);
  }
  ec2.routeTables.delete(routeTableId);
}

/** Without a subnet, the table is the VPC's main one. */
export function routeTableAssociation(scope: Scope, routeTableId: string, subnetId?: string): RouteTableAssociation {
  return {
    routeTableAssociationId: ec2Of(scope).id('rtbassoc'),
    routeTableId,
    subnetId,
    main: subnetId === undefined,
    associationState: { state: 'associated' },
  };
}

export function associateRouteTable(scope: Scope, routeTableId: string, subnetId: string): string {
  const ec2 = ec2Of(scope);
  ec2.subnets.find(subnetId);
  const table = ec2.routeTables.find(routeTableId);
  const taken = [...ec2.routeTables.values()]
    .flatMap(({ associationSet }) => associationSet)
    .find((item) => item.subnetId === subnetId);
  if (taken) {
    const message = `the specified association for route table ${routeTableId} conflicts with an existing association`;
    throw new AwsError('Resource.AlreadyAssociated', message);
  }
  const made = routeTableAssociation(scope, routeTableId, subnetId);
  table.associationSet.push(made);
  return made.routeTableAssociationId;
}

export function disassociateRouteTable(scope: Scope, associationId: string): void {
  for (const table of ec2Of(scope).routeTables.values()) {
    const kept = table.associationSet.filter((item) => item.routeTableAssociationId !== associationId);
    if (kept.length === table.associationSet.length) continue;
    table.associationSet = kept;
    return;
  }
  throw new AwsError('InvalidAssociationID.NotFound', `The association ID '${associationId}' does not exist`);
}

export function routeDestination(input: WireObject): string {
  return String(input.DestinationCidrBlock ?? input.DestinationIpv6CidrBlock ?? input.DestinationPrefixListId);
}

export function createRoute(scope: Scope, input: WireObject): void {
  const ec2 = ec2Of(scope);
  const table = ec2.routeTables.find(String(input.RouteTableId));
  if (findRoute(table, routeDestination(input))) {
    throw new AwsError('RouteAlreadyExists', `The route identified by ${routeDestination(input)} already exists.`);
  }
  if (input.GatewayId && String(input.GatewayId).startsWith('igw-')) {
    const gateway = ec2.internetGateways.find(String(input.GatewayId));
    if (!gateway.attachmentSet.some(({ vpcId }) => vpcId === table.vpcId)) {
      const message = `route table ${table.routeTableId} and network gateway ${input.GatewayId} belong to different networks`;
      throw new AwsError('InvalidParameterValue', message);
    }
  }
  if (input.NatGatewayId) ec2.natGateways.find(String(input.NatGatewayId));
  if (input.EgressOnlyInternetGatewayId) ec2.egressOnlyGateways.find(String(input.EgressOnlyInternetGatewayId));
  table.routeSet.push({
    destinationCidrBlock: input.DestinationCidrBlock,
    destinationIpv6CidrBlock: input.DestinationIpv6CidrBlock,
    destinationPrefixListId: input.DestinationPrefixListId,
    gatewayId: input.GatewayId,
    natGatewayId: input.NatGatewayId,
    egressOnlyInternetGatewayId: input.EgressOnlyInternetGatewayId,
    networkInterfaceId: input.NetworkInterfaceId,
    state: 'active',
    origin: 'CreateRoute',
  });
}

export function replaceRoute(scope: Scope, input: WireObject): void {
  deleteRoute(scope, String(input.RouteTableId), routeDestination(input));
  createRoute(scope, input);
}

export function deleteRoute(scope: Scope, routeTableId: string, destination: string): void {
  const table = ec2Of(scope).routeTables.find(routeTableId);
  const route = findRoute(table, destination);
  if (!route) {
    const message = `no route with destination-cidr-block ${destination} in route table ${routeTableId}`;
    throw new AwsError('InvalidRoute.NotFound', message);
  }
  table.routeSet = table.routeSet.filter((item) => item !== route);
}

function findRoute(table: RouteTable, destination: string): Route | undefined {
  return table.routeSet.find(
    (route) =>
      (route.destinationCidrBlock ?? route.destinationIpv6CidrBlock ?? route.destinationPrefixListId) === destination,
  );
}
