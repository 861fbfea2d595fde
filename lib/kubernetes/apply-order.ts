/**
 * The order in which the kinds of one application are brought to a cluster: what others refer to comes first.
 *
 * A Namespace before what lives in it, a CustomResourceDefinition before its instances, accounts and configuration before the
 * Pods that mount them, Services before the Pods that find them through environment variables, traffic and webhooks last: a
 * webhook whose Pods do not run yet would refuse everything after it. Deletion goes the other way round.
 */

const ORDER: readonly string[] = [
  'PriorityClass',
  'Namespace',
  'CustomResourceDefinition',
  'ResourceQuota',
  'LimitRange',
  'RuntimeClass',
  'StorageClass',
  'VolumeAttributesClass',
  'CSIDriver',
  'IngressClass',
  'ServiceAccount',
  'ClusterRole',
  'Role',
  'ClusterRoleBinding',
  'RoleBinding',
  'Secret',
  'ConfigMap',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'Service',
  'DaemonSet',
  'StatefulSet',
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'Pod',
  'Job',
  'CronJob',
  // Kinds that are not listed, instances of CustomResourceDefinitions above all, stand here.
  '*',
  'HorizontalPodAutoscaler',
  'Ingress',
  'APIService',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
];

const rankByKind = new Map(ORDER.map((kind, rank) => [kind, rank]));
const OTHERS = rankByKind.get('*')!;

/** Lower comes first. Kinds of equal rank do not need each other. */
export function applyRank(object: { readonly kind: string }): number {
  return rankByKind.get(object.kind) ?? OTHERS;
}
