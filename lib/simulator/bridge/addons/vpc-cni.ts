/** The VPC CNI: gives Pods addresses of the VPC. https://docs.aws.amazon.com/eks/latest/userguide/managing-vpc-cni.html */
import type { KubernetesObject } from '../../../kubernetes/object';
import { type AddonSettings, daemonSet, image, NAMESPACE, requests, serviceAccount } from './workload';

export function vpcCni(settings: AddonSettings): KubernetesObject[] {
  const { clusterName, configuration, version } = settings;
  const env = {
    AWS_VPC_K8S_CNI_LOGLEVEL: 'DEBUG',
    AWS_VPC_ENI_MTU: '9001',
    CLUSTER_NAME: clusterName,
    ENABLE_PREFIX_DELEGATION: 'false',
    WARM_ENI_TARGET: '1',
    ...configuration.env,
  };
  return [
    serviceAccount(settings, 'aws-node'),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'amazon-vpc-cni', namespace: NAMESPACE },
      data: { 'enable-network-policy-controller': String(configuration.enableNetworkPolicy ?? 'true') },
    },
    daemonSet(settings, {
      name: 'aws-node',
      labels: { 'k8s-app': 'aws-node' },
      serviceAccountName: 'aws-node',
      initContainers: [
        { name: 'aws-vpc-cni-init', image: image(settings, 'amazon-k8s-cni-init', version), ...requests('25m') },
      ],
      containers: [
        {
          name: 'aws-node',
          image: image(settings, 'amazon-k8s-cni', version),
          env: Object.entries(env).map(([name, value]) => ({ name, value: String(value) })),
          ...requests('25m'),
        },
        {
          name: 'aws-eks-nodeagent',
          image: image(settings, 'amazon/aws-network-policy-agent', 'v1.2.7-eksbuild.1'),
          ...requests('25m'),
        },
      ],
      podSpec: { hostNetwork: true, terminationGracePeriodSeconds: 10 },
    }),
  ];
}
