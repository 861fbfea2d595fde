/**
 * The add-ons that EKS offers, with their versions and the settings that each takes.
 * https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
 *
 * Real catalogs change every week: any version that is written like one (`v1.20.4-eksbuild.2`) is accepted.
 */
export interface CatalogEntry {
  /** The default, for the newest Kubernetes. */
  readonly version: string;
  readonly type: string;
  /** Top-level configuration values. */
  readonly settings: readonly string[];
}

const PLACEMENT = ['affinity', 'nodeSelector', 'podAnnotations', 'podLabels', 'resources', 'tolerations'];

export const ADDONS: Readonly<Record<string, CatalogEntry>> = {
  'vpc-cni': {
    version: 'v1.20.4-eksbuild.2',
    type: 'networking',
    settings: [
      ...PLACEMENT,
      'enableNetworkPolicy',
      'enableWindowsIpam',
      'env',
      'eniConfig',
      'init',
      'livenessProbeTimeoutSeconds',
      'nodeAgent',
      'originalMatchLabels',
      'readinessProbeTimeoutSeconds',
    ],
  },
  'kube-proxy': { version: 'v1.35.0-eksbuild.2', type: 'networking', settings: [...PLACEMENT, 'ipvs', 'mode'] },
  coredns: {
    version: 'v1.12.4-eksbuild.1',
    type: 'networking',
    settings: [
      ...PLACEMENT,
      'autoScaling',
      'computeType',
      'corefile',
      'podDisruptionBudget',
      'replicaCount',
      'topologySpreadConstraints',
    ],
  },
  'eks-pod-identity-agent': {
    version: 'v1.3.10-eksbuild.1',
    type: 'security',
    settings: [...PLACEMENT, 'agent', 'updateStrategy'],
  },
  'eks-node-monitoring-agent': {
    version: 'v1.4.1-eksbuild.1',
    type: 'observability',
    settings: [...PLACEMENT, 'dcgmAgent', 'monitoringAgent'],
  },
  'aws-ebs-csi-driver': {
    version: 'v1.53.0-eksbuild.1',
    type: 'storage',
    settings: [
      'controller',
      'defaultStorageClass',
      'image',
      'node',
      'sidecars',
      'storageClasses',
      'volumeSnapshotClasses',
      ...PLACEMENT,
    ],
  },
  'aws-efs-csi-driver': {
    version: 'v2.1.15-eksbuild.1',
    type: 'storage',
    settings: ['controller', 'node', 'sidecars', 'useFIPS', ...PLACEMENT],
  },
  'metrics-server': {
    version: 'v0.8.0-eksbuild.5',
    type: 'observability',
    settings: [
      ...PLACEMENT,
      'addonResizer',
      'podDisruptionBudget',
      'replicas',
      'replicaCount',
      'updateStrategy',
      'topologySpreadConstraints',
    ],
  },
  'snapshot-controller': { version: 'v8.3.0-eksbuild.2', type: 'storage', settings: [...PLACEMENT, 'replicaCount'] },
  'amazon-cloudwatch-observability': {
    version: 'v4.7.0-eksbuild.1',
    type: 'observability',
    settings: [
      'agent',
      'agents',
      'containerLogs',
      'dcgmExporter',
      'manager',
      'neuronMonitor',
      'tolerations',
      'affinity',
      'nodeSelector',
      'region',
      'clusterName',
    ],
  },
};

/** `1.34`: kube-proxy has the cluster's own minor version. */
export function defaultVersion(addonName: string, kubernetesVersion: string): string {
  if (addonName === 'kube-proxy') return `v${kubernetesVersion}.0-eksbuild.2`;
  return ADDONS[addonName]!.version;
}
