/**
 * VPC endpoints and flow logs: records that other things depend on.
 * https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html  Left out: policies, private DNS, logged traffic.
 */
import type { Scope, WireObject } from '../service';
import { createNetworkInterface, removeNetworkInterface } from './network-interfaces';
import { type Ec2Tag, ec2Of, type Tagged } from './state';
import { defaultSecurityGroupOf } from './vpcs';

export interface VpcEndpoint extends Tagged {
  readonly vpcEndpointId: string;
  readonly vpcEndpointType: string;
  readonly vpcId: string;
  readonly serviceName: string;
  readonly state: string;
  readonly creationTimestamp: string;
  readonly networkInterfaceIdSet: string[];
  routeTableIdSet: string[];
  subnetIdSet: string[];
}

export interface FlowLog extends Tagged {
  readonly flowLogId: string;
  readonly resourceId: string;
  readonly trafficType: string;
  readonly logDestinationType: string;
  readonly logGroupName?: string;
  readonly flowLogStatus: string;
  readonly creationTime: string;
}

/** An interface endpoint has one interface per subnet; a gateway endpoint is in route tables. */
export function createVpcEndpoint(scope: Scope, input: WireObject, tagSet: Ec2Tag[]): VpcEndpoint {
  const ec2 = ec2Of(scope);
  const vpcId = ec2.vpcs.find(String(input.VpcId)).vpcId;
  const vpcEndpointId = ec2.id('vpce');
  const subnetIds: string[] = input.SubnetIds ?? [];
  const groupIds: string[] = input.SecurityGroupIds ?? [defaultSecurityGroupOf(scope, vpcId)];
  const endpoint: VpcEndpoint = {
    vpcEndpointId,
    vpcEndpointType: String(input.VpcEndpointType ?? 'Gateway'),
    vpcId,
    serviceName: String(input.ServiceName),
    state: 'available',
    creationTimestamp: scope.account.timestamp,
    networkInterfaceIdSet: subnetIds.map(
      (subnetId) =>
        createNetworkInterface(scope, {
          subnetId,
          description: `VPC Endpoint Interface ${vpcEndpointId}`,
          groupIds,
          interfaceType: 'vpc_endpoint',
          requesterManaged: true,
        }).networkInterfaceId,
    ),
    routeTableIdSet: input.RouteTableIds ?? [],
    subnetIdSet: subnetIds,
    tagSet,
  };
  ec2.vpcEndpoints.set(vpcEndpointId, endpoint);
  return endpoint;
}

export function deleteVpcEndpoint(scope: Scope, vpcEndpointId: string): void {
  const ec2 = ec2Of(scope);
  for (const id of ec2.vpcEndpoints.find(vpcEndpointId).networkInterfaceIdSet) removeNetworkInterface(scope, id);
  ec2.vpcEndpoints.delete(vpcEndpointId);
}

export function createFlowLog(scope: Scope, input: WireObject, tagSet: Ec2Tag[]): FlowLog {
  const ec2 = ec2Of(scope);
  const log: FlowLog = {
    flowLogId: ec2.id('fl'),
    resourceId: String(input.ResourceId),
    trafficType: String(input.TrafficType ?? 'ALL'),
    logDestinationType: String(input.LogDestinationType ?? 'cloud-watch-logs'),
    logGroupName: input.LogGroupName,
    flowLogStatus: 'ACTIVE',
    creationTime: scope.account.timestamp,
    tagSet,
  };
  ec2.flowLogs.set(log.flowLogId, log);
  return log;
}
