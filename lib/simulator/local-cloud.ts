/**
 * The local cloud: one simulated AWS account and the Kubernetes clusters in it, on one simulation. Synchronous and
 * deterministic; the doors to the outside are in local-cloud-server.ts.
 */
import { AwsAccount } from './aws/account';
import { bootstrapRegion } from './aws/bootstrap';
import { tryFindAccessEntry } from './aws/eks/access-entries';
import { tryAuthenticate } from './aws/eks/authentication';
import type { NodeInstance } from './aws/eks/node-instances';
import {
  type AddonHealth,
  type AddonInstallation,
  type ClusterProvider,
  type ClusterRequest,
  type RunningCluster,
  setClusterProvider,
} from './aws/eks/provider';
import { eksOf } from './aws/eks/state';
import { elbOf } from './aws/elbv2/state';
import type { AwsFaults } from './aws/faults/faults';
import { accessPolicies } from './bridge/access-policies';
import { attachBridge, type Bridge } from './bridge/bridge';
import { fargateWebhook } from './bridge/fargate';
import type { LoadBalancerAnswer } from './bridge/load-balancer-network';
import { podIdentityWebhook } from './bridge/pod-identity-webhook';
import type { ApiServer } from './cluster/api-server/api-server';
import type { Authenticator } from './cluster/api-server/auth/authenticator';
import { Cluster } from './cluster/cluster';
import type { HttpRequest } from './cluster/network/http-message';
import { Simulation } from './simulation';

/** Where a cluster's API server will answer. In process, nobody has to be able to connect there. */
export interface ClusterAddress {
  readonly endpoint: string;
  /** PEM. */
  readonly certificateAuthority: string;
  /** Called when the API server is there. */
  open(api: ApiServer, authenticators: readonly Authenticator[]): void;
  close(): void;
}

export interface LocalCloudOptions {
  /** @default 1 */
  readonly seed?: number;
  /** Virtual time at the start, milliseconds since 1970. @default 2026-01-01T00:00:00Z */
  readonly startTime?: number;
  /** @default eu-west-1 */
  readonly region?: string;
  /** Names the address of a new cluster. @default one at which nobody answers */
  readonly addressOf?: (name: string) => ClusterAddress;
  /** The clock outside, by which bearer tokens expire. @default the virtual one */
  readonly wallClock?: () => number;
}

/** A port of a Service. */
export interface ServiceAddress {
  readonly dnsName: string;
  readonly port: number;
  send(request: HttpRequest & { readonly dnsName: string; readonly port: number }): LoadBalancerAnswer;
}

export interface LocalCluster {
  readonly name: string;
  readonly cluster: Cluster;
  readonly bridge: Bridge;
  readonly address: ClusterAddress;
}

export class LocalCloud implements ClusterProvider {
  readonly simulation: Simulation;
  readonly account: AwsAccount;
  /** By the name of the EKS cluster. */
  readonly clusters = new Map<string, LocalCluster>();

  constructor(private readonly options: LocalCloudOptions = {}) {
    this.simulation = new Simulation({ seed: options.seed, startTime: options.startTime });
    this.account = new AwsAccount({ simulation: this.simulation, region: options.region });
    setClusterProvider({ account: this.account }, this);
    bootstrapRegion(this.account);
  }

  /** What can be made to go wrong in AWS; a cluster has faults of its own. */
  get faults(): AwsFaults {
    return this.account.faults;
  }

  start(request: ClusterRequest): RunningCluster {
    const { name, region, vpcId } = request;
    const address = (this.options.addressOf ?? unreachable)(name);
    const cluster = new Cluster({
      simulation: this.simulation,
      name,
      serviceCidr: request.serviceCidr,
      caCertificate: address.certificateAuthority,
      admission: {
        cloudPlugins: [podIdentityWebhook, fargateWebhook].map((webhook) =>
          webhook({ account: this.account, region, clusterName: name, vpcId }),
        ),
      },
    });
    const { clusterSecurityGroupId } = eksOf(request).find(name).cluster.resourcesVpcConfig;
    const bridge = attachBridge(cluster, {
      account: this.account,
      region,
      clusterName: name,
      vpcId,
      clusterSecurityGroupId,
    });
    const entryOf = (principalArn: string) => {
      const record = eksOf(request).clusters.get(name);
      return record && tryFindAccessEntry(record, principalArn);
    };
    cluster.api.authorizers.push(accessPolicies(entryOf));
    // EKS is a webhook to the API server.
    cluster.api.unlistedAuthorizers.push('webhook');
    address.open(cluster.api, [this.eksTokens(request)]);
    this.clusters.set(name, { name, cluster, bridge, address });
    if (request.bootstrapSelfManagedAddons) bridge.addons.installSelfManaged(request);
    return {
      endpoint: address.endpoint,
      certificateAuthority: Buffer.from(address.certificateAuthority).toString('base64'),
    };
  }

  stop({ name }: { readonly name: string }): void {
    const running = this.clusters.get(name);
    if (!running) return;
    running.address.close();
    this.clusters.delete(name);
  }

  installAddon(addon: AddonInstallation): string | undefined {
    return this.clusters.get(addon.clusterName)?.bridge.addons.install(addon);
  }

  removeAddon(addon: AddonInstallation): void {
    this.clusters.get(addon.clusterName)?.bridge.addons.remove(addon);
  }

  addonHealth(addon: AddonInstallation): AddonHealth {
    return this.clusters.get(addon.clusterName)?.bridge.addons.healthOf(addon) ?? { healthy: true };
  }

  fargateProfileGone({ clusterName, profileName }: { clusterName: string; profileName: string }): void {
    this.clusters.get(clusterName)?.bridge.fargate.profileGone(profileName);
  }

  isNodeReady({ name, instanceId }: { readonly name: string; readonly instanceId: string }): boolean {
    return this.clusters.get(name)?.bridge.nodes.isReady(instanceId) ?? false;
  }

  nodeRunning(node: NodeInstance): void {
    this.clusters.get(node.clusterName)?.bridge.nodes.join(node);
  }

  nodeTerminating({ name, instanceId }: { readonly name: string; readonly instanceId: string }): void {
    this.clusters.get(name)?.bridge.nodes.leave(instanceId);
  }

  /** Sends a request to a load balancer by its DNS name, or to a Service by the name in {@link services}. */
  request(request: HttpRequest & { readonly dnsName: string; readonly port: number }): LoadBalancerAnswer {
    const balancer = [...elbOf(this.scope).loadBalancers.values()].find((one) => one.DNSName === request.dnsName);
    const owner = [...this.clusters.values()].find(({ bridge }) => bridge.surroundings.vpcId === balancer?.VpcId);
    if (owner) return owner.bridge.request(request);
    const service = this.services().find(({ dnsName }) => dnsName === request.dnsName);
    if (service) return service.send(request);
    return { path: [`no cluster stands behind ${request.dnsName}`] };
  }

  /** Every listener of every active load balancer. */
  listeners(): { readonly dnsName: string; readonly port: number }[] {
    const elb = elbOf(this.scope);
    return [...elb.loadBalancers.values()].flatMap((balancer) =>
      elb.listenersOf(balancer.LoadBalancerArn).map(({ Port }) => ({ dnsName: balancer.DNSName, port: Port })),
    );
  }

  /**
   * Every port of every Service that leads to Pods, under the name `<service>.<namespace>.svc.<cluster>`: what a Pod of the
   * cluster would reach.
   */
  services(): ServiceAddress[] {
    return [...this.clusters.values()].flatMap(({ name: clusterName, cluster }) =>
      [...cluster.store.list('services')].flatMap(({ metadata: { name, namespace }, spec }) => {
        if (!spec.selector || spec.type === 'ExternalName') return [];
        const send = ({ dnsName: _, port, path, ...request }: HttpRequest & { dnsName: string; port: number }) => {
          const result = cluster.kubelets!.network.request({
            ...request,
            to: `http://${name}.${namespace}:${port}${path}`,
          });
          return {
            response: result.response,
            path: [...result.path, ...(result.failure ? [result.failure.message] : [])],
          };
        };
        const dnsName = `${name}.${namespace}.svc.${clusterName}`;
        return (spec.ports ?? []).map((one: { port: number }) => ({ dnsName, port: one.port, send }));
      }),
    );
  }

  private get scope() {
    return this.account.scope();
  }

  private eksTokens(request: ClusterRequest): Authenticator {
    const wallClock = this.options.wallClock ?? (() => this.simulation.clock.now());
    return ({ token }) => {
      if (token === undefined) return undefined;
      const user = tryAuthenticate(request, request.name, token, wallClock());
      return user && { name: user.username, uid: user.uid, groups: user.groups, extra: user.extra };
    };
  }
}

function unreachable(name: string): ClusterAddress {
  return {
    endpoint: `https://${name}.eks.invalid`,
    certificateAuthority: '',
    open: () => {},
    close: () => {},
  };
}
