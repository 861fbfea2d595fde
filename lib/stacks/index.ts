/** `eks-drydock/stacks`: the CDK constructs and stacks of an environment. */
import { registerTokenReader } from './manifest-tokens';

registerTokenReader();

export { Addon, type AddonIdentity, type AddonProps } from './addon';
export { type AutoscalingProps, ClusterAutoscaler, Karpenter } from './autoscaling';
export { Cluster, type ClusterProps } from './cluster';
export type { ClusterAccess } from './cluster-access';
export { ClusterStack, type ClusterStackProps } from './cluster-stack';
export { Dns, type DnsProps } from './dns';
export { defineEnvironments, Environment } from './environments/environment';
export type { EnvironmentSettings, Environments, NodeGroupSettings } from './environments/settings';
export { FargateProfile, type FargateProfileProps, type FargateSelector } from './fargate-profile';
export { LoadBalancing, type LoadBalancingProps, type TargetBinding } from './load-balancing';
export { type ImportedNetworkAttributes, type NatGateways, Network, type NetworkProps } from './network';
export { NetworkStack, type NetworkStackProps } from './network-stack';
export { NodeGroup, type NodeGroupProps } from './node-group';
export { NodeGroupStack, type NodeGroupStackProps } from './node-group-stack';
export type { NodeOperatingSystem } from './node-image';
export { Observability, type ObservabilityProps } from './observability';
export { PodIdentity, type PodIdentityProps } from './pod-identity';
export { Storage, type StorageProps } from './storage';
export { type Template, type TemplateRule, TemplateRules, templateRules } from './template-rules';
