/**
 * Load balancers: two minutes of provisioning, a network interface in each subnet, and a DNS name.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
 *
 * Left out: Gateway Load Balancers, subnet mappings with addresses, cross-zone accounting.
 */
import { AwsError, validationError } from '../aws-error';
import { associatePublicAddress, createNetworkInterface, removeNetworkInterface } from '../ec2/network-interfaces';
import { ec2Of } from '../ec2/state';
import type { InternetGateway } from '../ec2/vpcs';
import { LATENCY } from '../latencies';
import type { Scope, WireObject } from '../service';
import { refreshHealth } from './health';
import { arnOf, elbOf, type LoadBalancer } from './state';

const HOSTED_ZONES: Readonly<Record<string, string>> = { application: 'Z32O12XQLNTSW2', network: 'Z2IFOLAFXWLO4F' };

export function createLoadBalancer(scope: Scope, input: WireObject): LoadBalancer {
  const state = elbOf(scope);
  const name = String(input.Name ?? '');
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$/.test(name)) {
    throw validationError(`The load balancer name '${name}' is not valid`);
  }
  const same = [...state.loadBalancers.values()].find((one) => one.LoadBalancerName === name);
  if (same) {
    throw new AwsError(
      'DuplicateLoadBalancerName',
      `A load balancer with the same name '${name}' exists, but with different settings`,
    );
  }
  const subnets = subnetsOf(scope, input);
  const type = input.Type ?? 'application';
  const scheme = input.Scheme ?? 'internet-facing';
  const sameType = [...state.loadBalancers.values()].filter((one) => one.Type === type);
  scope.account.faults.checkQuota(type === 'network' ? 'L-69A177A2' : 'L-53DA6B97', sameType.length);
  if (scheme === 'internet-facing') checkInternetGateway(scope, subnets[0]!.vpcId);
  const id = state.hex(16);
  const kind = type === 'network' ? 'net' : 'app';
  const groupIds: string[] = input.SecurityGroups ?? [];
  const balancer: LoadBalancer = {
    LoadBalancerArn: arnOf(scope, `loadbalancer/${kind}/${name}/${id}`),
    DNSName: dnsName(scope, name, id, type, scheme),
    CanonicalHostedZoneId: HOSTED_ZONES[type] ?? HOSTED_ZONES.application!,
    CreatedTime: scope.account.timestamp,
    LoadBalancerName: name,
    Scheme: scheme,
    VpcId: subnets[0]!.vpcId,
    Type: type,
    IpAddressType: input.IpAddressType ?? 'ipv4',
    State: { Code: 'provisioning' },
    AvailabilityZones: subnets.map((subnet) => ({ ZoneName: subnet.availabilityZone, SubnetId: subnet.subnetId })),
    SecurityGroups: groupIds,
    attributes: new Map([['deletion_protection.enabled', 'false']]),
    interfaceIds: subnets.map(({ subnetId }) => {
      const description = `ELB ${kind}/${name}/${id}`;
      const created = { subnetId, description, groupIds, requesterManaged: true, interfaceType: interfaceType(type) };
      const networkInterface = createNetworkInterface(scope, created);
      if (scheme === 'internet-facing') associatePublicAddress(scope, networkInterface);
      return networkInterface.networkInterfaceId;
    }),
    tags: input.Tags ?? [],
  };
  state.loadBalancers.set(balancer.LoadBalancerArn, balancer);
  provision(scope, balancer);
  return balancer;
}

function subnetsOf(scope: Scope, input: WireObject) {
  const ids: string[] = input.Subnets ?? (input.SubnetMappings ?? []).map((one: WireObject) => one.SubnetId);
  if (ids.length === 0) throw validationError('At least one subnet must be specified');
  const subnets = ids.map((id) => {
    const subnet = ec2Of(scope).subnets.get(id);
    if (!subnet) throw new AwsError('SubnetNotFound', `The subnet ID '${id}' does not exist`);
    return subnet;
  });
  const zones = new Set(subnets.map((subnet) => subnet.availabilityZone));
  if (zones.size < subnets.length) {
    throw new AwsError(
      'InvalidConfigurationRequest',
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    );
  }
  if ((input.Type ?? 'application') === 'application' && zones.size < 2) {
    throw validationError('At least two subnets in two different Availability Zones must be specified');
  }
  return subnets;
}

function checkInternetGateway(scope: Scope, vpcId: string): void {
  const isAttached = ({ attachmentSet }: InternetGateway) => attachmentSet.some((item) => item.vpcId === vpcId);
  if (ec2Of(scope).internetGateways.where(isAttached).length === 0) {
    throw new AwsError('InvalidSubnet', `VPC ${vpcId} has no internet gateway`);
  }
}

function dnsName(scope: Scope, name: string, id: string, type: string, scheme: string): string {
  const prefix = scheme === 'internal' ? `internal-${name}` : name;
  return type === 'network'
    ? `${name}-${id}.elb.${scope.region}.amazonaws.com`
    : `${prefix}-${Number.parseInt(id.slice(0, 8), 16)}.${scope.region}.elb.amazonaws.com`;
}

const interfaceType = (type: string): string => (type === 'network' ? 'network_load_balancer' : 'interface');

function provision(scope: Scope, balancer: LoadBalancer): void {
  const ended = scope.account.begin(`provisioning of load balancer ${balancer.LoadBalancerName}`);
  scope.account.simulation.clock.after(LATENCY.loadBalancer.create, () => {
    ended();
    if (!elbOf(scope).loadBalancers.has(balancer.LoadBalancerArn)) return;
    balancer.State = { Code: 'active' };
    for (const group of elbOf(scope).targetGroups.values()) refreshHealth(scope, group);
  });
}

/** Deleting what is not there succeeds, as in AWS. */
export function deleteLoadBalancer(scope: Scope, arn: string): void {
  const state = elbOf(scope);
  const balancer = state.loadBalancers.get(arn);
  if (!balancer) return;
  if (balancer.attributes.get('deletion_protection.enabled') === 'true') {
    throw new AwsError(
      'OperationNotPermitted',
      `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
    );
  }
  for (const listener of state.listenersOf(arn)) state.listeners.delete(listener.ListenerArn);
  state.loadBalancers.delete(arn);
  for (const group of state.targetGroups.values()) refreshHealth(scope, group);
  const ended = scope.account.begin(`release of the network interfaces of ${balancer.LoadBalancerName}`);
  // A deleted load balancer answers no call any more, but its network interfaces take a while to go.
  scope.account.simulation.clock.after(LATENCY.loadBalancer.deleteInterfaces, () => {
    ended();
    for (const id of balancer.interfaceIds) removeNetworkInterface(scope, id);
  });
}

export function loadBalancerWire(balancer: LoadBalancer): WireObject {
  const { attributes: _, interfaceIds: __, tags: ___, ...members } = balancer;
  return members;
}
