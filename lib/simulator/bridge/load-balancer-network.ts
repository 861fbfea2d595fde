/**
 * The way of a request from a load balancer into the cluster: listener, rule, target group, healthy target, then a Pod's
 * address or a node's port. Also how health checks reach their targets.
 */

import { route } from '../aws/elbv2/routing';
import { elbOf, type Target, type TargetGroup } from '../aws/elbv2/state';
import type { HttpRequest, HttpResponse } from '../cluster/network/http-message';
import type { Network, NetworkFailure, NetworkResult } from '../cluster/network/network';
import type { ClusterSurroundings } from './aws-api';

export interface LoadBalancerAnswer {
  /** Undefined when nobody answered: the connection was refused or reset. */
  readonly response?: HttpResponse;
  /** What broke, where it was not the Pod that answered so. */
  readonly failure?: NetworkFailure;
  /** The hops, as far as the request came; the last one says what broke. */
  readonly path: readonly string[];
}

/** The addresses by which instances of a cluster are known to its network. */
export type AddressOfInstance = (instanceId: string) => string | undefined;

/** Lets the health checks of the region's load balancers reach the cluster. */
export function attachHealthChecks(
  surroundings: ClusterSurroundings,
  network: Network,
  addressOf: AddressOfInstance,
): void {
  const elb = elbOf({ account: surroundings.account, region: surroundings.region });
  const before = elb.probe;
  // Several clusters may live in one region: each looks after the target groups of its own VPC.
  elb.probe = (group, target) =>
    group.VpcId === surroundings.vpcId ? answersCheck(network, addressOf, group, target) : before(group, target);
}

function answersCheck(network: Network, addressOf: AddressOfInstance, group: TargetGroup, target: Target): boolean {
  const checkPort = group.HealthCheckPort === 'traffic-port' ? target.Port : Number(group.HealthCheckPort);
  if (group.HealthCheckProtocol === 'TCP' && group.TargetType === 'ip') return network.accepts(target.Id, checkPort);
  const request = { path: group.HealthCheckPath ?? '/', headers: { 'user-agent': 'ELB-HealthChecker/2.0' } };
  const { response } = sendToTarget(network, addressOf, group, { ...target, Port: checkPort }, request);
  if (group.HealthCheckProtocol === 'TCP') return response !== undefined;
  return response !== undefined && response.status >= 200 && response.status < 300;
}

/** Sends a request to a listener of a load balancer. */
export function requestThroughLoadBalancer(
  surroundings: ClusterSurroundings,
  network: Network,
  addressOf: AddressOfInstance,
  request: HttpRequest & { readonly dnsName: string; readonly port: number },
): LoadBalancerAnswer {
  const { dnsName, port } = request;
  const host = request.headers?.host ?? dnsName;
  const scope = { account: surroundings.account, region: surroundings.region };
  const way = [`load balancer ${dnsName}:${port}`];
  const chosen = route(scope, dnsName, port, {
    host,
    path: request.path,
    method: request.method,
    headers: request.headers,
  });
  const hop = chosen.kind !== 'target' && chosen.noTarget ? 'target group' : 'load balancer';
  if (chosen.kind === 'refused') {
    return { failure: { hop, reason: 'Refused', message: chosen.why }, path: [...way, chosen.why] };
  }
  if (chosen.kind === 'answer') {
    const { status, body, headers, why } = chosen;
    const failure = { hop, reason: `HTTP ${status}`, message: why } as const;
    const response = { status, body, ...(headers ? { headers } : {}) };
    return { response, ...(status >= 500 ? { failure } : {}), path: [...way, why] };
  }
  const { group, target } = chosen;
  way.push(`target group ${group.TargetGroupName}`, `target ${target.Id}:${target.Port} (${target.state})`);
  const { response, failure, path } = sendToTarget(network, addressOf, group, target, request);
  const hops = [...way, ...path, ...(failure ? [failure.message] : [])];
  if (response) return { response, path: hops };
  // An Application Load Balancer answers for a target that does not; a Network Load Balancer passes the silence on.
  const broken = failure ? { failure } : {};
  return group.Protocol.startsWith('HTTP')
    ? { response: { status: 502, body: '502 Bad Gateway' }, ...broken, path: hops }
    : { ...broken, path: hops };
}

function sendToTarget(
  network: Network,
  addressOf: AddressOfInstance,
  group: TargetGroup,
  target: Pick<Target, 'Id' | 'Port'>,
  request: HttpRequest,
): NetworkResult {
  if (group.TargetType === 'ip') return network.http(target.Id, target.Port, request);
  const address = addressOf(target.Id);
  if (address) return network.nodePort(address, target.Port, request);
  const message = `instance ${target.Id} is not a node of the cluster`;
  return { failure: { hop: 'route', reason: 'NoRoute', message }, path: [] };
}
