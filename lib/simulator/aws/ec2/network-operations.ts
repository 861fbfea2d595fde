/** EC2's operations on networks: VPCs, subnets, route tables, gateways, addresses, endpoints. */
import { notSimulated } from '../aws-error';
import { availabilityZonesOf, REGIONS, zoneIdOf } from '../regions';
import type { Operations, WireObject } from '../service';
import { selectItems } from './filters';
import {
  associateSubnetIpv6,
  associateVpcIpv6,
  createEgressOnlyGateway,
  deleteEgressOnlyGateway,
  disassociateSubnetIpv6,
  disassociateVpcCidr,
} from './ipv6';
import { associatePublicAddress, freeAddressCount } from './network-interfaces';
import {
  associateRouteTable,
  createRoute,
  createRouteTable,
  deleteRoute,
  deleteRouteTable,
  disassociateRouteTable,
  replaceRoute,
  routeDestination,
} from './route-tables';
import { ec2Of, isTrue, requestTags } from './state';
import { createVpcEndpoint, deleteVpcEndpoint } from './vpc-endpoints';
import {
  allocateAddress,
  attachInternetGateway,
  createInternetGateway,
  createNatGateway,
  createSubnet,
  createVpc,
  deleteInternetGateway,
  deleteNatGateway,
  deleteSubnet,
  deleteVpc,
  detachInternetGateway,
  releaseAddress,
  type Vpc,
} from './vpcs';

const DONE = { return: true };

export const networkOperations: Operations = {
  DescribeRegions: () => ({
    regionInfo: REGIONS.map((regionName) => ({
      regionName,
      regionEndpoint: `ec2.${regionName}.amazonaws.com`,
      optInStatus: 'opt-in-not-required',
    })),
  }),
  DescribeAvailabilityZones: (_input, call) => ({
    availabilityZoneInfo: availabilityZonesOf(call.region).map((zoneName) => ({
      zoneName,
      zoneId: zoneIdOf(zoneName),
      zoneState: 'available',
      zoneType: 'availability-zone',
      regionName: call.region,
      groupName: call.region,
      networkBorderGroup: call.region,
      optInStatus: 'opt-in-not-required',
    })),
  }),
  CreateVpc: (input, call) => ({ vpc: wireVpc(createVpc(call, input, requestTags(input))) }),
  DeleteVpc: (input, call) => {
    deleteVpc(call, String(input.VpcId));
    return DONE;
  },
  DescribeVpcs: (input, call) => ({
    vpcSet: selectItems(ec2Of(call).vpcs, input.VpcId, input, {
      cidr: (vpc) => [vpc.cidrBlock],
      isDefault: (vpc) => [vpc.isDefault],
    }).map(wireVpc),
  }),
  DescribeVpcAttribute: (input, call) => {
    const vpc = ec2Of(call).vpcs.find(String(input.VpcId));
    return {
      vpcId: vpc.vpcId,
      enableDnsHostnames: { value: vpc.enableDnsHostnames },
      enableDnsSupport: { value: vpc.enableDnsSupport },
    };
  },
  ModifyVpcAttribute: (input, call) => {
    const vpc = ec2Of(call).vpcs.find(String(input.VpcId));
    if (input.EnableDnsHostnames) vpc.enableDnsHostnames = isTrue(input.EnableDnsHostnames.Value);
    if (input.EnableDnsSupport) vpc.enableDnsSupport = isTrue(input.EnableDnsSupport.Value);
    return DONE;
  },
  ...subnetOperations(),
  ...routeOperations(),
  ...gatewayOperations(),
  ...ipv6Operations(),
  CreateVpcEndpoint: (input, call) => ({
    vpcEndpoint: createVpcEndpoint(
      call,
      {
        ...input,
        SubnetIds: input.SubnetId,
        SecurityGroupIds: input.SecurityGroupId,
        RouteTableIds: input.RouteTableId,
      },
      requestTags(input),
    ),
  }),
  DescribeVpcEndpoints: (input, call) => ({
    vpcEndpointSet: selectItems(ec2Of(call).vpcEndpoints, input.VpcEndpointId, input),
  }),
  DeleteVpcEndpoints: (input, call) => {
    for (const id of input.VpcEndpointId ?? []) deleteVpcEndpoint(call, id);
    return { unsuccessful: [] };
  },
  DescribeFlowLogs: (input, call) => ({ flowLogSet: selectItems(ec2Of(call).flowLogs, input.FlowLogId, input) }),
  DescribeVpnGateways: () => ({ vpnGatewaySet: [] }),
};

function wireVpc(vpc: Vpc): WireObject {
  const { enableDnsHostnames: _, enableDnsSupport: __, networkAclId: ___, ...members } = vpc;
  return members;
}

function ipv6Operations(): Operations {
  return {
    AssociateVpcCidrBlock: (input, call) => {
      const vpc = ec2Of(call).vpcs.find(String(input.VpcId));
      if (!isTrue(input.AmazonProvidedIpv6CidrBlock)) throw notSimulated('AssociateVpcCidrBlock of anything but IPv6');
      const associationId = associateVpcIpv6(call, vpc);
      const ipv6CidrBlockAssociation = vpc.ipv6CidrBlockAssociationSet.find(
        (item) => item.associationId === associationId,
      );
      return { vpcId: vpc.vpcId, ipv6CidrBlockAssociation };
    },
    DisassociateVpcCidrBlock: (input, call) => {
      const id = String(input.AssociationId);
      const has = ({ associationId }: WireObject) => associationId === id;
      const [vpc] = ec2Of(call).vpcs.where(
        (item) => item.ipv6CidrBlockAssociationSet.some(has) || item.cidrBlockAssociationSet.some(has),
      );
      if (vpc) disassociateVpcCidr(call, vpc, id);
      return { vpcId: vpc?.vpcId };
    },
    AssociateSubnetCidrBlock: (input, call) => {
      const subnet = ec2Of(call).subnets.find(String(input.SubnetId));
      associateSubnetIpv6(call, subnet, String(input.Ipv6CidrBlock));
      return { subnetId: subnet.subnetId, ipv6CidrBlockAssociation: subnet.ipv6CidrBlockAssociationSet[0] };
    },
    DisassociateSubnetCidrBlock: (input, call) => {
      disassociateSubnetIpv6(call, String(input.AssociationId));
      return {};
    },
    CreateEgressOnlyInternetGateway: (input, call) => ({
      egressOnlyInternetGateway: createEgressOnlyGateway(call, String(input.VpcId), requestTags(input)),
    }),
    DeleteEgressOnlyInternetGateway: (input, call) => {
      deleteEgressOnlyGateway(call, String(input.EgressOnlyInternetGatewayId));
      return { returnCode: true };
    },
    DescribeEgressOnlyInternetGateways: (input, call) => ({
      egressOnlyInternetGatewaySet: selectItems(
        ec2Of(call).egressOnlyGateways,
        input.EgressOnlyInternetGatewayId,
        input,
      ),
    }),
  };
}

function subnetOperations(): Operations {
  return {
    CreateSubnet: (input, call) => ({ subnet: createSubnet(call, input, requestTags(input)) }),
    DeleteSubnet: (input, call) => {
      deleteSubnet(call, String(input.SubnetId));
      return DONE;
    },
    DescribeSubnets: (input, call) => ({
      subnetSet: selectItems(ec2Of(call).subnets, input.SubnetId, input, {
        'availability-zone': (subnet) => [subnet.availabilityZone],
        cidr: (subnet) => [subnet.cidrBlock],
      }).map((subnet) => ({ ...subnet, availableIpAddressCount: freeAddressCount(call, subnet) })),
    }),
    ModifySubnetAttribute: (input, call) => {
      const subnet = ec2Of(call).subnets.find(String(input.SubnetId));
      if (input.AssignIpv6AddressOnCreation) {
        subnet.assignIpv6AddressOnCreation = isTrue(input.AssignIpv6AddressOnCreation.Value);
      }
      if (input.MapPublicIpOnLaunch) subnet.mapPublicIpOnLaunch = isTrue(input.MapPublicIpOnLaunch.Value);
      return DONE;
    },
  };
}

function routeOperations(): Operations {
  return {
    CreateRouteTable: (input, call) => ({ routeTable: createRouteTable(call, input, requestTags(input)) }),
    DeleteRouteTable: (input, call) => {
      deleteRouteTable(call, String(input.RouteTableId));
      return DONE;
    },
    DescribeRouteTables: (input, call) => ({
      routeTableSet: selectItems(ec2Of(call).routeTables, input.RouteTableId, input, {
        'association.subnet-id': (table) => table.associationSet.flatMap(({ subnetId }) => subnetId ?? []),
        'association.main': (table) => table.associationSet.map(({ main }) => main),
        'route.gateway-id': (table) => table.routeSet.flatMap(({ gatewayId }) => gatewayId ?? []),
        'route.nat-gateway-id': (table) => table.routeSet.flatMap(({ natGatewayId }) => natGatewayId ?? []),
      }),
    }),
    AssociateRouteTable: (input, call) => ({
      associationId: associateRouteTable(call, String(input.RouteTableId), String(input.SubnetId)),
      associationState: { state: 'associated' },
    }),
    DisassociateRouteTable: (input, call) => {
      disassociateRouteTable(call, String(input.AssociationId));
      return DONE;
    },
    CreateRoute: (input, call) => {
      createRoute(call, input);
      return DONE;
    },
    ReplaceRoute: (input, call) => {
      replaceRoute(call, input);
      return DONE;
    },
    DeleteRoute: (input, call) => {
      deleteRoute(call, String(input.RouteTableId), routeDestination(input));
      return DONE;
    },
  };
}

function gatewayOperations(): Operations {
  return {
    CreateInternetGateway: (input, call) => ({ internetGateway: createInternetGateway(call, requestTags(input)) }),
    AttachInternetGateway: (input, call) => {
      attachInternetGateway(call, String(input.InternetGatewayId), String(input.VpcId));
      return DONE;
    },
    DetachInternetGateway: (input, call) => {
      detachInternetGateway(call, String(input.InternetGatewayId), String(input.VpcId));
      return DONE;
    },
    DeleteInternetGateway: (input, call) => {
      deleteInternetGateway(call, String(input.InternetGatewayId));
      return DONE;
    },
    DescribeInternetGateways: (input, call) => ({
      internetGatewaySet: selectItems(ec2Of(call).internetGateways, input.InternetGatewayId, input, {
        'attachment.vpc-id': (gateway) => gateway.attachmentSet.map(({ vpcId }) => vpcId),
        'attachment.state': (gateway) => gateway.attachmentSet.map(({ state }) => state),
      }),
    }),
    CreateNatGateway: (input, call) => ({ natGateway: createNatGateway(call, input, requestTags(input)) }),
    DeleteNatGateway: (input, call) => {
      deleteNatGateway(call, String(input.NatGatewayId));
      return { natGatewayId: input.NatGatewayId };
    },
    DescribeNatGateways: (input, call) => ({
      natGatewaySet: selectItems(ec2Of(call).natGateways, input.NatGatewayId, input),
    }),
    AllocateAddress: (input, call) => {
      const { allocationId, publicIp, domain } = allocateAddress(call, requestTags(input));
      return { allocationId, publicIp, domain };
    },
    AssociateAddress: (input, call) => {
      const ec2 = ec2Of(call);
      const address = ec2.addresses.find(String(input.AllocationId));
      const target = input.NetworkInterfaceId ?? ec2.instances.find(String(input.InstanceId)).interfaceIds[0];
      associatePublicAddress(call, ec2.networkInterfaces.find(String(target)), address);
      return { associationId: address.associationId };
    },
    DisassociateAddress: (input, call) => {
      const ec2 = ec2Of(call);
      const [address] = ec2.addresses.where(({ associationId }) => associationId === input.AssociationId);
      const item = address?.networkInterfaceId ? ec2.networkInterfaces.get(address.networkInterfaceId) : undefined;
      if (item) item.association = undefined;
      if (address) Object.assign(address, { associationId: undefined, networkInterfaceId: undefined });
      return DONE;
    },
    ReleaseAddress: (input, call) => {
      releaseAddress(call, String(input.AllocationId));
      return DONE;
    },
    DescribeAddresses: (input, call) => ({
      addressesSet: selectItems(ec2Of(call).addresses, input.AllocationId, input),
    }),
  };
}
