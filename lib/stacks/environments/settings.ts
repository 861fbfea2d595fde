/**
 * What environments differ in, as types: one file of an app describes dev, staging and prod side by side, and whatever
 * does not go together is not assignable. What only shows when values are compared is checked at synth (see check.ts).
 */
import type { RemovalPolicy } from 'aws-cdk-lib';
import type { ClusterProps } from '../cluster';
import type { FargateSelector } from '../fargate-profile';
import type { ImportedNetworkAttributes, NatGateways, NetworkProps } from '../network';
import type { NodeGroupProps } from '../node-group';

export type NodeGroupSettings = Omit<NodeGroupProps, 'cluster'>;

/** Who makes the nodes: groups with names of their own, or EKS itself. Auto Mode leaves no room for what it brings along. */
export type ComputeSettings =
  | {
      readonly compute?: 'node-groups';
      /** By name; at least one. */
      readonly nodeGroups: Readonly<Record<string, NodeGroupSettings>>;
      /** @default none: groups keep their size */
      readonly autoscaler?: 'cluster-autoscaler' | 'karpenter';
      /** Pods that run on Fargate. @default none */
      readonly fargate?: readonly FargateSelector[];
    }
  | {
      readonly compute: 'auto';
      readonly nodeGroups?: never;
      readonly autoscaler?: never;
      readonly fargate?: never;
    };

/** A new network, or one that exists. */
export type NetworkSettings =
  | {
      readonly network?: Omit<NetworkProps, 'natGateways' | 'zones' | 'discoverableBy'>;
      readonly importedNetwork?: never;
    }
  | { readonly network?: never; readonly importedNetwork: ImportedNetworkAttributes };

/** What production may not be talked out of, and what others may save on. */
export type StageSettings =
  | {
      readonly stage: 'development' | 'staging';
      /** Twelve digits. @default whatever account the credentials of the deployment belong to */
      readonly account?: string;
      /** @default 2 */
      readonly zones?: 2 | 3;
      /** @default single */
      readonly natGateways?: NatGateways;
      /** @default false */
      readonly deletionProtection?: boolean;
      readonly cluster?: ClusterSettings & Pick<ClusterProps, 'encryptSecrets' | 'logging'>;
    }
  | {
      readonly stage: 'production';
      /** Twelve digits: production never goes wherever the credentials of the day point. */
      readonly account: string;
      readonly zones?: 3;
      readonly natGateways?: 'per-zone' | 'none';
      readonly deletionProtection?: true;
      readonly cluster?: ClusterSettings;
    };

type ClusterSettings = Pick<
  ClusterProps,
  'version' | 'publicAccessCidrs' | 'admins' | 'access' | 'logRetention' | 'supportType' | 'ipv6'
>;

export interface PlatformSettings {
  /** The permissions of the AWS Load Balancer Controller. @default true with node groups; Auto Mode brings its own */
  readonly loadBalancing?: boolean;
  /** metrics-server, and CloudWatch Container Insights if asked for. @default metrics */
  readonly observability?: 'none' | 'metrics' | 'container-insights';
  /** A shared EFS file system. @default none */
  readonly fileSystem?: { readonly removalPolicy: RemovalPolicy };
  /** The hosted zone that follows Services and Ingresses. @default none */
  readonly dns?: { readonly hostedZoneId: string; readonly zoneName: string };
}

export type EnvironmentSettings = { readonly region: string } & StageSettings &
  ComputeSettings &
  NetworkSettings &
  PlatformSettings;

export type Environments = Readonly<Record<string, EnvironmentSettings>>;
