/**
 * The service accounts of the controllers that a platform runs in its clusters. Each is known on two sides that do not see
 * each other: a stack gives it AWS permissions (`eks-drydock/stacks`), a chart makes Pods run as it (`eks-drydock/charts`).
 * Both take the name from here, so that they cannot disagree.
 */
export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

const inKubeSystem = (name: string): ServiceAccountName => ({ namespace: 'kube-system', name });

export const loadBalancerController = inKubeSystem('aws-load-balancer-controller');
export const clusterAutoscaler = inKubeSystem('cluster-autoscaler');
export const karpenter = inKubeSystem('karpenter');
export const ebsCsiController = inKubeSystem('ebs-csi-controller-sa');
export const efsCsiController = inKubeSystem('efs-csi-controller-sa');
export const externalDns: ServiceAccountName = { namespace: 'external-dns', name: 'external-dns' };
export const cloudwatchAgent: ServiceAccountName = { namespace: 'amazon-cloudwatch', name: 'cloudwatch-agent' };
