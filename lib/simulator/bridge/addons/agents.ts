/** Add-ons that are one workload: agents on every machine, and small controllers. */
import type { KubernetesObject } from '../../../kubernetes/object';
import { type AddonSettings, daemonSet, deployment, image, requests, serviceAccount } from './workload';

/** Gives Pods the credentials of their Pod Identity association. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html */
export const podIdentityAgent = (settings: AddonSettings): KubernetesObject[] => [
  daemonSet(settings, {
    name: 'eks-pod-identity-agent',
    labels: { 'app.kubernetes.io/name': 'eks-pod-identity-agent' },
    serviceAccountName: 'default',
    containers: [
      {
        name: 'eks-pod-identity-agent',
        image: image(settings, 'eks/eks-pod-identity-agent', settings.version.split('-')[0]!.replace('v', '')),
        args: ['--port', '80', '--cluster-name', settings.clusterName],
      },
    ],
    podSpec: { hostNetwork: true },
  }),
];

/** Finds machines that are not well. https://docs.aws.amazon.com/eks/latest/userguide/node-health.html */
export const nodeMonitoringAgent = (settings: AddonSettings): KubernetesObject[] => [
  serviceAccount(settings, 'eks-node-monitoring-agent'),
  daemonSet(settings, {
    name: 'eks-node-monitoring-agent',
    labels: { 'app.kubernetes.io/name': 'eks-node-monitoring-agent' },
    serviceAccountName: 'eks-node-monitoring-agent',
    containers: [
      {
        name: 'eks-node-monitoring-agent',
        image: image(settings, 'eks/eks-node-monitoring-agent', settings.version),
        ...requests('10m', '30Mi'),
      },
    ],
    podSpec: { hostNetwork: true },
  }),
];

/** What `kubectl top` and the HorizontalPodAutoscaler ask. The API that it serves comes with every simulated cluster. */
export const metricsServer = (settings: AddonSettings): KubernetesObject[] => [
  serviceAccount(settings, 'metrics-server'),
  deployment(settings, 2, {
    name: 'metrics-server',
    labels: { 'app.kubernetes.io/name': 'metrics-server' },
    serviceAccountName: 'metrics-server',
    containers: [
      {
        name: 'metrics-server',
        image: image(settings, 'eks/metrics-server', settings.version),
        ...requests('100m', '200Mi'),
      },
    ],
  }),
];

export const snapshotController = (settings: AddonSettings): KubernetesObject[] => [
  serviceAccount(settings, 'snapshot-controller'),
  deployment(settings, 2, {
    name: 'snapshot-controller',
    labels: { 'app.kubernetes.io/name': 'snapshot-controller' },
    serviceAccountName: 'snapshot-controller',
    containers: [
      {
        name: 'snapshot-controller',
        image: image(settings, 'eks/csi-snapshotter/snapshot-controller', settings.version),
        ...requests('10m', '32Mi'),
      },
    ],
  }),
];

const CLOUDWATCH = 'amazon-cloudwatch';

/** Container Insights. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Observability-EKS-addon.html */
export const cloudwatchObservability = (settings: AddonSettings): KubernetesObject[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: CLOUDWATCH } },
  serviceAccount(settings, 'cloudwatch-agent', CLOUDWATCH),
  deployment({ ...settings, configuration: settings.configuration.manager ?? {} }, 1, {
    name: 'amazon-cloudwatch-observability-controller-manager',
    namespace: CLOUDWATCH,
    labels: { 'app.kubernetes.io/name': 'amazon-cloudwatch-observability' },
    serviceAccountName: 'cloudwatch-agent',
    containers: [
      { name: 'manager', image: image(settings, 'cloudwatch-agent-operator', '3.2.0'), ...requests('100m', '64Mi') },
    ],
  }),
  ...['cloudwatch-agent', 'fluent-bit'].map((name) =>
    daemonSet(
      { ...settings, configuration: {} },
      {
        name,
        namespace: CLOUDWATCH,
        labels: { 'app.kubernetes.io/name': name },
        serviceAccountName: 'cloudwatch-agent',
        containers: [{ name, image: image(settings, name, '1.0'), ...requests('50m', '100Mi') }],
      },
    ),
  ),
];
