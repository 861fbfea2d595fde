/** What the workloads of add-ons have in common: they live in kube-system, and run before and beside everything else. */
import type { KubernetesObject } from '../../../kubernetes/object';

/** What EKS knows when it installs an add-on. */
export interface AddonSettings {
  readonly region: string;
  readonly clusterName: string;
  /** `v1.20.4-eksbuild.2` */
  readonly version: string;
  /** The configuration values of the add-on, parsed. */
  readonly configuration: Readonly<Record<string, any>>;
  /** Annotates the add-on's service account: an IAM role for service accounts. */
  readonly serviceAccountRoleArn?: string;
}

export const NAMESPACE = 'kube-system';

/** EKS's own registry. */
export const image = ({ region }: AddonSettings, name: string, tag: string): string =>
  `602401143452.dkr.ecr.${region}.amazonaws.com/${name}:${tag}`;

export function serviceAccount(settings: AddonSettings, name: string, namespace = NAMESPACE): KubernetesObject {
  const role = settings.serviceAccountRoleArn;
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, ...(role ? { annotations: { 'eks.amazonaws.com/role-arn': role } } : {}) },
  };
}

export interface WorkloadOptions {
  readonly name: string;
  /** @default kube-system */
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccountName: string;
  readonly containers: readonly object[];
  readonly initContainers?: readonly object[];
  readonly podSpec?: Readonly<Record<string, unknown>>;
}

/** Runs on every machine, but not on those of Fargate and Auto Mode, which have what they need. */
export function daemonSet(settings: AddonSettings, options: WorkloadOptions): KubernetesObject {
  const computeType = {
    key: 'eks.amazonaws.com/compute-type',
    operator: 'NotIn',
    values: ['fargate', 'hybrid', 'auto'],
  };
  const nodeAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [computeType] }] },
  };
  const podSpec = {
    priorityClassName: 'system-node-critical',
    tolerations: [{ operator: 'Exists' }],
    affinity: { nodeAffinity },
    ...options.podSpec,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: metadataOf(options),
    spec: {
      selector: { matchLabels: options.labels },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: templateOf(settings, { ...options, podSpec }),
    },
  };
}

export function deployment(settings: AddonSettings, replicas: number, options: WorkloadOptions): KubernetesObject {
  const tolerations = [
    { key: 'CriticalAddonsOnly', operator: 'Exists' },
    { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
  ];
  const podSpec = { priorityClassName: 'system-cluster-critical', tolerations, ...options.podSpec };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(options),
    spec: {
      replicas: Number(settings.configuration.replicaCount ?? replicas),
      selector: { matchLabels: options.labels },
      template: templateOf(settings, { ...options, podSpec }),
    },
  };
}

const metadataOf = ({ name, namespace = NAMESPACE, labels }: WorkloadOptions) => ({ name, namespace, labels });

/** The settings that most add-ons let people choose: where the Pods run, and what their first container may use. */
function templateOf({ configuration }: AddonSettings, options: WorkloadOptions): object {
  const { tolerations, nodeSelector, affinity, resources, podLabels, podAnnotations } = configuration;
  const [first, ...rest] = options.containers;
  return {
    metadata: {
      labels: { ...options.labels, ...podLabels },
      ...(podAnnotations ? { annotations: podAnnotations } : {}),
    },
    spec: {
      serviceAccountName: options.serviceAccountName,
      ...(options.initContainers ? { initContainers: options.initContainers } : {}),
      containers: [resources ? { ...first, resources } : first, ...rest],
      ...options.podSpec,
      ...(tolerations ? { tolerations } : {}),
      ...(nodeSelector ? { nodeSelector } : {}),
      ...(affinity ? { affinity } : {}),
    },
  };
}

/** `{ cpu: '100m' }` as a request. */
export const requests = (cpu: string, memory?: string) => ({
  resources: { requests: { cpu, ...(memory ? { memory } : {}) } },
});
