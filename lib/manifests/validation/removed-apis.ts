/**
 * APIs that older manifests still name and no server serves any more.
 * https://kubernetes.io/docs/reference/using-api/deprecation-guide/
 */
const REMOVED: Readonly<
  Record<string, { readonly kinds: readonly string[]; readonly since: string; readonly now: string }>
> = {
  'extensions/v1beta1': {
    kinds: ['DaemonSet', 'Deployment', 'ReplicaSet'],
    since: '1.16',
    now: 'apps/v1',
  },
  'apps/v1beta1': { kinds: ['Deployment', 'StatefulSet', 'ControllerRevision'], since: '1.16', now: 'apps/v1' },
  'apps/v1beta2': {
    kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ControllerRevision'],
    since: '1.16',
    now: 'apps/v1',
  },
  'networking.k8s.io/v1beta1': { kinds: ['Ingress', 'IngressClass'], since: '1.22', now: 'networking.k8s.io/v1' },
  'rbac.authorization.k8s.io/v1beta1': {
    kinds: ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
    since: '1.22',
    now: 'rbac.authorization.k8s.io/v1',
  },
  'apiextensions.k8s.io/v1beta1': {
    kinds: ['CustomResourceDefinition'],
    since: '1.22',
    now: 'apiextensions.k8s.io/v1',
  },
  'apiregistration.k8s.io/v1beta1': { kinds: ['APIService'], since: '1.22', now: 'apiregistration.k8s.io/v1' },
  'admissionregistration.k8s.io/v1beta1': {
    kinds: ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
    since: '1.22',
    now: 'admissionregistration.k8s.io/v1',
  },
  'certificates.k8s.io/v1beta1': {
    kinds: ['CertificateSigningRequest'],
    since: '1.22',
    now: 'certificates.k8s.io/v1',
  },
  'coordination.k8s.io/v1beta1': { kinds: ['Lease'], since: '1.22', now: 'coordination.k8s.io/v1' },
  'scheduling.k8s.io/v1beta1': { kinds: ['PriorityClass'], since: '1.22', now: 'scheduling.k8s.io/v1' },
  'storage.k8s.io/v1beta1': {
    kinds: ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment', 'CSIStorageCapacity'],
    since: '1.22',
    now: 'storage.k8s.io/v1',
  },
  'batch/v1beta1': { kinds: ['CronJob'], since: '1.25', now: 'batch/v1' },
  'discovery.k8s.io/v1beta1': { kinds: ['EndpointSlice'], since: '1.25', now: 'discovery.k8s.io/v1' },
  'events.k8s.io/v1beta1': { kinds: ['Event'], since: '1.25', now: 'events.k8s.io/v1' },
  'policy/v1beta1': { kinds: ['PodDisruptionBudget'], since: '1.25', now: 'policy/v1' },
  'node.k8s.io/v1beta1': { kinds: ['RuntimeClass'], since: '1.25', now: 'node.k8s.io/v1' },
  'autoscaling/v2beta1': { kinds: ['HorizontalPodAutoscaler'], since: '1.25', now: 'autoscaling/v2' },
  'autoscaling/v2beta2': { kinds: ['HorizontalPodAutoscaler'], since: '1.26', now: 'autoscaling/v2' },
  'flowcontrol.apiserver.k8s.io/v1beta3': {
    kinds: ['FlowSchema', 'PriorityLevelConfiguration'],
    since: '1.32',
    now: 'flowcontrol.apiserver.k8s.io/v1',
  },
};

/** What to write instead of an API that is gone, and since when it is; undefined when it never was. */
export function movedTo(
  apiVersion: string,
  kind: string,
): { readonly since: string; readonly fix: string } | undefined {
  if (kind === 'PodSecurityPolicy' && apiVersion === 'policy/v1beta1') {
    return gone('1.25', 'label the namespace with pod-security.kubernetes.io/enforce instead');
  }
  if (kind === 'Ingress' && apiVersion === 'extensions/v1beta1') {
    return gone('1.22', 'write apiVersion: networking.k8s.io/v1');
  }
  if (kind === 'NetworkPolicy' && apiVersion === 'extensions/v1beta1') {
    return gone('1.16', 'write apiVersion: networking.k8s.io/v1');
  }
  const entry = REMOVED[apiVersion];
  return entry?.kinds.includes(kind) ? gone(entry.since, `write apiVersion: ${entry.now}`) : undefined;
}

const gone = (since: string, instead: string) => ({ since, fix: `removed in ${since}; ${instead}` });
