/**
 * Among objects that do not depend on each other, an order that reads well and is known from Helm: what governs first,
 * then configuration, permissions, what runs, what routes to it, and what intercepts requests last.
 */
const KINDS = [
  'PriorityClass',
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
];
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** Smaller comes first; kinds that are not listed (custom resources) come before the webhooks. */
export function kindRank(kind: string): number {
  const index = KINDS.indexOf(kind);
  if (index >= 0) return index;
  const last = LAST.indexOf(kind);
  return KINDS.length + (last < 0 ? 0 : 1 + last);
}
