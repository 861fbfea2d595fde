/** Every add-on that makes workloads: a line each. */
import type { KubernetesObject } from '../../../kubernetes/object';
import {
  cloudwatchObservability,
  metricsServer,
  nodeMonitoringAgent,
  podIdentityAgent,
  snapshotController,
} from './agents';
import { coredns } from './coredns';
import { ebsCsiDriver, efsCsiDriver } from './csi-drivers';
import { kubeProxy } from './kube-proxy';
import { vpcCni } from './vpc-cni';
import type { AddonSettings } from './workload';

export const ADDON_OBJECTS: Readonly<Record<string, (settings: AddonSettings) => KubernetesObject[]>> = {
  'vpc-cni': vpcCni,
  'kube-proxy': kubeProxy,
  coredns,
  'eks-pod-identity-agent': podIdentityAgent,
  'eks-node-monitoring-agent': nodeMonitoringAgent,
  'aws-ebs-csi-driver': ebsCsiDriver,
  'aws-efs-csi-driver': efsCsiDriver,
  'metrics-server': metricsServer,
  'snapshot-controller': snapshotController,
  'amazon-cloudwatch-observability': cloudwatchObservability,
};
