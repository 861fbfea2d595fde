/** `eks-drydock/stacks`: the CDK stacks of an environment. */
export { Addon, type AddonIdentity, type AddonProps } from './addon';
export { ClusterStack, type ClusterStackProps } from './cluster-stack';
export { type NatGateways, NetworkStack, type NetworkStackProps } from './network-stack';
export { NodeGroupStack, type NodeGroupStackProps } from './node-group-stack';
export { type Template, type TemplateRule, TemplateRules, templateRules } from './template-rules';
