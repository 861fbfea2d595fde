/**
 * An environment as stacks: its network, its cluster, its nodes, and the platform around them, in that order. Each is a
 * stack of its own, so that a change of one cannot endanger what it stands on.
 */
import { type App, Stack, type StackProps } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { ClusterAutoscaler, Karpenter } from '../autoscaling';
import { ClusterStack } from '../cluster-stack';
import { Dns } from '../dns';
import { FargateProfile } from '../fargate-profile';
import { LoadBalancing } from '../load-balancing';
import { NetworkStack } from '../network-stack';
import { NodeGroupStack } from '../node-group-stack';
import { Observability } from '../observability';
import { Storage } from '../storage';
import { problemsOf } from './check';
import type { EnvironmentSettings, Environments } from './settings';

/**
 * Checks the settings of all environments of an app against each other, and gives them back as they are.
 * @throws Error with every problem, a line each
 */
export function defineEnvironments<const T extends Environments>(environments: T): T {
  const problems = problemsOf(environments);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return environments;
}

export class Environment {
  readonly cluster: eks.Cluster;
  /** In the order of their deployment. */
  readonly stacks: readonly Stack[];

  /** @param name starts the names of its stacks, and is that of its cluster */
  constructor(
    private readonly app: App,
    private readonly name: string,
    private readonly settings: EnvironmentSettings,
  ) {
    const network = settings.importedNetwork ? undefined : this.createNetwork();
    const clusterStack = this.createCluster(network?.vpc);
    this.cluster = clusterStack.cluster;
    const nodes = this.createNodes();
    const platform = this.createPlatform();
    for (const stack of nodes) stack.addStackDependency(clusterStack);
    for (const stack of nodes) platform?.addStackDependency(stack);
    this.stacks = [network, clusterStack, ...nodes, platform].filter((stack) => stack !== undefined);
  }

  private get env(): StackProps {
    const { account, region } = this.settings;
    return { env: { region, ...(account ? { account } : {}) } };
  }

  private createNetwork(): NetworkStack {
    const { stage, autoscaler } = this.settings;
    const isProduction = stage === 'production';
    return new NetworkStack(this.app, `${this.name}-network`, {
      ...this.env,
      ...this.settings.network,
      zones: this.settings.zones ?? (isProduction ? 3 : 2),
      natGateways: this.settings.natGateways ?? (isProduction ? 'per-zone' : 'single'),
      ...(autoscaler === 'karpenter' ? { discoverableBy: this.name } : {}),
    });
  }

  private createCluster(vpc: ec2.IVpc | undefined): ClusterStack {
    const { stage, importedNetwork, compute, deletionProtection } = this.settings;
    return new ClusterStack(this.app, `${this.name}-cluster`, {
      ...this.env,
      ...this.settings.cluster,
      vpc: vpc ?? importedNetwork!,
      clusterName: this.name,
      ...(compute ? { compute } : {}),
      deletionProtection: deletionProtection ?? stage === 'production',
    });
  }

  private createNodes(): NodeGroupStack[] {
    return Object.entries(this.settings.nodeGroups ?? {}).map(
      ([group, props], index) =>
        new NodeGroupStack(this.app, `${this.name}-${group}`, {
          ...this.env,
          ...props,
          cluster: this.cluster,
          clusterAddons: index === 0,
        }),
    );
  }

  private createPlatform(): Stack | undefined {
    const { cluster, settings } = this;
    const { autoscaler, fargate, fileSystem, dns, observability = 'metrics' } = settings;
    const isAuto = settings.compute === 'auto';
    const parts: ((scope: Stack) => void)[] = [];
    if (settings.loadBalancing ?? !isAuto)
      parts.push((scope) => new LoadBalancing(scope, 'LoadBalancing', { cluster }));
    if (autoscaler === 'cluster-autoscaler') {
      parts.push((scope) => new ClusterAutoscaler(scope, 'ClusterAutoscaler', { cluster }));
    }
    if (autoscaler === 'karpenter') parts.push((scope) => new Karpenter(scope, 'Karpenter', { cluster }));
    if (fargate) parts.push((scope) => new FargateProfile(scope, 'Fargate', { cluster, selectors: fargate }));
    if (fileSystem) parts.push((scope) => new Storage(scope, 'Storage', { cluster, disks: false, fileSystem }));
    if (observability !== 'none') {
      const containerInsights = observability === 'container-insights';
      parts.push((scope) => new Observability(scope, 'Observability', { cluster, containerInsights }));
    }
    if (dns) {
      parts.push((scope) => {
        new Dns(scope, 'Dns', { cluster, hostedZone: HostedZone.fromHostedZoneAttributes(scope, 'Zone', dns) });
      });
    }
    if (parts.length === 0) return undefined;
    const stack = new Stack(this.app, `${this.name}-platform`, this.env);
    for (const addTo of parts) addTo(stack);
    return stack;
  }
}
