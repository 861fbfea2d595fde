/**
 * `eks-drydock/charts`: the Kubernetes halves of the constructs of `eks-drydock/stacks`, under the same names. A stack gives a
 * controller its AWS permissions; the chart brings the objects that the controller runs as and works from. Neither knows
 * the other's values: with EKS Pod Identity the service account's name, which both take from one place, is all they share.
 */
export { ClusterAutoscaler, type ClusterAutoscalerProps } from './cluster-autoscaler';
export { Karpenter, type KarpenterProps } from './karpenter';
export { LoadBalancing, type LoadBalancingProps, type TargetBinding } from './load-balancing';
export { StorageClasses, type StorageClassesProps } from './storage-classes';
