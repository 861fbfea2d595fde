/**
 * The cluster's network: who is reached under which address, and who breaks the way.
 * https://kubernetes.io/docs/concepts/services-networking/
 *
 * A request goes name -> address -> Service -> endpoint -> pod, as it would through CoreDNS and kube-proxy. It is
 * answered at once, in no virtual time. What comes back is the pod's answer, or the hop at which the way ended.
 *
 * Left out: UDP, TLS inside the cluster, and everything below HTTP.
 */
import type { Random } from '../../random';
import type { ClusterContext } from '../context';
import { createDns, type Dns } from './dns';
import type { HttpRequest, HttpResponse } from './http-message';
import { type Denial, denialOf, type Party } from './network-policy';
import { createServiceRouting, type ServiceRouting } from './service-routing';

/** Where a request ended that nobody answered. */
export type Hop =
  | 'load balancer'
  | 'target group'
  | 'dns'
  | 'route'
  | 'service'
  | 'endpoint'
  | 'policy'
  | 'pod'
  | 'container';

export type NetworkFailureReason =
  /** A load balancer closed the connection: it has no listener there, or no target. */
  | 'Refused'
  /** A load balancer answered in place of its targets. */
  | `HTTP ${number}`
  /** The name is not known. */
  | 'NameNotFound'
  /** Nobody has this address. */
  | 'NoRoute'
  /** The Service does not serve this port. */
  | 'NoSuchPort'
  /** The Service has no ready endpoint. */
  | 'NoEndpoints'
  /** NetworkPolicies select one of the ends, and none allows it. A real client would time out. */
  | 'DeniedByPolicy'
  /** The pod is there, but nothing listens. */
  | 'ConnectionRefused'
  /** The pod took the request and did not answer. */
  | 'NoAnswer';

export interface NetworkFailure {
  readonly hop: Hop;
  readonly reason: NetworkFailureReason;
  /** For people: `service default/web has no ready endpoints`. */
  readonly message: string;
}

/** Who answered, and what way the request took. */
export interface NetworkResult {
  readonly response?: HttpResponse;
  readonly failure?: NetworkFailure;
  /** `service default/web:80`, `pod default/web-x (10.1.2.3:8080)`, ... */
  readonly path: readonly string[];
}

/** A pod's door to the network. */
export interface PodEndpoint {
  readonly namespace: string;
  readonly name: string;
  readonly nodeName: string;
  /** Whether a running container listens on the port. */
  listens(port: number): boolean;
  /** Undefined when it never answers. Asked only for ports on which it listens. */
  http(port: number, request: HttpRequest): HttpResponse | undefined;
}

export interface NetworkRequest extends Omit<HttpRequest, 'path'> {
  /** A URL, or an address such as `10.1.2.3:8080` or `web.shop:80/path`. */
  readonly to: string;
  /** The address it comes from: session affinity goes by it. @default outside the cluster */
  readonly from?: string;
  /** The namespace in which short names are looked up. @default default */
  readonly namespace?: string;
}

const OUTSIDE = '203.0.113.10';

export class Network {
  readonly dns: Dns;
  private readonly routing: ServiceRouting;
  private readonly pods = new Map<string, PodEndpoint[]>();
  private readonly nodeAddresses = new Map<string, string>();

  constructor(
    private readonly context: ClusterContext,
    random: Random,
  ) {
    this.dns = createDns(context.store);
    this.routing = createServiceRouting(context, random);
  }

  attachPod(address: string, pod: PodEndpoint): void {
    const pods = this.pods.get(address);
    if (pods) pods.push(pod);
    else this.pods.set(address, [pod]);
  }

  detachPod(address: string, pod: PodEndpoint): void {
    const pods = this.pods.get(address);
    if (!pods) return;
    const kept = pods.filter((each) => each !== pod);
    if (kept.length > 0) this.pods.set(address, kept);
    else this.pods.delete(address);
  }

  attachNode(address: string, nodeName: string): void {
    this.nodeAddresses.set(address, nodeName);
  }

  detachNode(address: string): void {
    this.nodeAddresses.delete(address);
  }

  /** Sends a request from anywhere to anything in the cluster. */
  request(request: NetworkRequest): NetworkResult {
    const { host, port, path } = parseTarget(request.to);
    const addresses = isAddress(host) ? [host] : this.dns.resolve(host, request.namespace ?? 'default');
    if (addresses.length === 0) return failed([], 'dns', 'NameNotFound', `no such host: ${host}`);
    const clientIp = request.from ?? request.clientIp ?? OUTSIDE;
    const headers = { host: port === 80 ? host : `${host}:${port}`, ...request.headers };
    const message: HttpRequest = { ...request, path, headers, clientIp };
    // A headless Service has one address for each pod; a client takes the first that answers.
    let result: NetworkResult | undefined;
    for (const address of addresses) {
      result = this.send(address, port, message);
      if (result.response) return result;
    }
    return result!;
  }

  /** Sends a request to one pod, past all Services: what a load balancer with pod targets does. */
  http(podIp: string, port: number, request: HttpRequest): NetworkResult {
    return this.sendToPod(podIp, port, { clientIp: OUTSIDE, ...request }, []);
  }

  /** Sends a request to a port of a node: what a load balancer with instance targets does. */
  nodePort(nodeAddress: string, port: number, request: HttpRequest): NetworkResult {
    return this.send(nodeAddress, port, { clientIp: OUTSIDE, ...request });
  }

  /** Whether a TCP connection to the address would be accepted. */
  accepts(address: string, port: number): boolean {
    return this.pods.get(address)?.some((pod) => pod.listens(port)) === true;
  }

  private send(address: string, port: number, request: HttpRequest): NetworkResult {
    const nodeName = this.nodeAddresses.get(address);
    const route =
      this.routing.tryClusterIp(address, port) ??
      (nodeName === undefined ? undefined : this.routing.tryNodePort(nodeName, port));
    if (!route) return this.sendToPod(address, port, request, []);
    const way = [`service ${route.service}:${port}`];
    if (!route.isServed) {
      return failed(way, 'service', 'NoSuchPort', `service ${route.service} has no port ${port}`);
    }
    const client = request.clientIp ?? OUTSIDE;
    const endpoint = route.pick(client, this.nodeOf(client));
    if (!endpoint) return failed(way, 'endpoint', 'NoEndpoints', `service ${route.service} has no ready endpoints`);
    return this.sendToPod(endpoint.address, endpoint.port, request, way);
  }

  private denialOf(from: string, to: string, port: number): Denial | undefined {
    // A node reaches its pods, whatever policies say.
    if (this.nodeAddresses.has(from)) return undefined;
    return denialOf(this.context.store, this.partyAt(from), this.partyAt(to), port);
  }

  /** The node of an address inside the cluster. */
  private nodeOf(address: string): string | undefined {
    return this.nodeAddresses.get(address) ?? this.pods.get(address)?.[0]?.nodeName;
  }

  private partyAt(address: string): Party {
    const endpoint = this.nodeAddresses.has(address) ? undefined : this.pods.get(address)?.[0];
    const pod = endpoint && this.context.store.get('pods', endpoint.namespace, endpoint.name);
    return pod ? { address, pod } : { address };
  }

  private sendToPod(address: string, port: number, request: HttpRequest, way: readonly string[]): NetworkResult {
    const pods = this.pods.get(address);
    const target = `${address}:${port}`;
    if (!pods && !this.nodeAddresses.has(address)) {
      return failed(way, 'route', 'NoRoute', `dial tcp ${target}: connect: no route to host`);
    }
    const denial = this.denialOf(request.clientIp!, address, port);
    if (denial) {
      const { direction, pod, policies } = denial;
      const what = `${direction.toLowerCase()} of pod ${pod} is limited by NetworkPolicy ${policies.join(', ')}`;
      return failed(way, 'policy', 'DeniedByPolicy', `dial tcp ${target}: i/o timeout: ${what}`);
    }
    const pod = pods?.find((each) => each.listens(port));
    if (!pod) return failed(way, 'pod', 'ConnectionRefused', `dial tcp ${target}: connect: connection refused`);
    const path = [...way, `pod ${pod.namespace}/${pod.name} (${target})`];
    const response = pod.http(port, request);
    if (!response) return failed(path, 'container', 'NoAnswer', `read tcp ${target}: i/o timeout`);
    return { response, path };
  }
}

function failed(path: readonly string[], hop: Hop, reason: NetworkFailureReason, message: string): NetworkResult {
  return { failure: { hop, reason, message }, path };
}

export function isAddress(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}

/** `http://web.shop:8080/a?b` and `web.shop:8080/a?b` alike. */
export function parseTarget(to: string): { readonly host: string; readonly port: number; readonly path: string } {
  const [, scheme = 'http', host = '', port, path = ''] = /^(?:(https?):\/\/)?([^/:?]+)(?::(\d+))?(.*)$/.exec(to) ?? [];
  return {
    host,
    port: port === undefined ? (scheme === 'https' ? 443 : 80) : Number(port),
    path: path.startsWith('/') ? path : `/${path}`,
  };
}
