/**
 * What OpenAPI does not say and a type can: which fields exclude each other, and closed sets of words that the server
 * checks in code. Keys are `<module>.<Type>` or `<module>.<Type>.<field>` of the generated types.
 */

export interface Exclusive {
  readonly kind: 'ExactlyOne' | 'AtMostOne';
  /** `*` stands for every field that is not in `except`. */
  readonly fields: readonly string[] | '*';
  readonly except?: readonly string[];
}

const exactlyOne = (...fields: string[]): Exclusive => ({ kind: 'ExactlyOne', fields });
const atMostOne = (...fields: string[]): Exclusive => ({ kind: 'AtMostOne', fields });
const allBut = (...except: string[]): Exclusive => ({ kind: 'ExactlyOne', fields: '*', except });

export const exclusiveFields: Readonly<Record<string, Exclusive>> = {
  'core-v1.Volume': allBut('name'),
  'core-v1.VolumeProjection': allBut(),
  'core-v1.PersistentVolumeSpec': allBut(
    'accessModes',
    'capacity',
    'claimRef',
    'mountOptions',
    'nodeAffinity',
    'persistentVolumeReclaimPolicy',
    'storageClassName',
    'volumeAttributesClassName',
    'volumeMode',
  ),
  'core-v1.Probe': exactlyOne('exec', 'grpc', 'httpGet', 'tcpSocket'),
  'core-v1.LifecycleHandler': allBut(),
  'core-v1.EnvVar': atMostOne('value', 'valueFrom'),
  'core-v1.EnvVarSource': allBut(),
  'core-v1.EnvFromSource': exactlyOne('configMapRef', 'secretRef'),
  'networking-v1.IngressBackend': allBut(),
  'networking-v1.ServiceBackendPort': allBut(),
  'policy-v1.PodDisruptionBudgetSpec': atMostOne('minAvailable', 'maxUnavailable'),
  'admissionregistration-v1.WebhookClientConfig': exactlyOne('service', 'url'),
  'apiextensions-v1.WebhookClientConfig': exactlyOne('service', 'url'),
};

export interface Tagged {
  readonly tag: string;
  /** Word -> the field that goes with it. */
  readonly members: Readonly<Record<string, { readonly field?: string; readonly required?: boolean }>>;
  /** The word that is meant when the tag is left out. */
  readonly defaultWord?: string;
}

const must = (field: string) => ({ field, required: true });
const may = (field: string) => ({ field });

/** Types in which a word says which other field stands beside it. */
export const taggedTypes: Readonly<Record<string, Tagged>> = {
  'apps-v1.DeploymentStrategy': {
    tag: 'type',
    members: { RollingUpdate: may('rollingUpdate'), Recreate: {} },
    defaultWord: 'RollingUpdate',
  },
  'apps-v1.DaemonSetUpdateStrategy': {
    tag: 'type',
    members: { RollingUpdate: may('rollingUpdate'), OnDelete: {} },
    defaultWord: 'RollingUpdate',
  },
  'apps-v1.StatefulSetUpdateStrategy': {
    tag: 'type',
    members: { RollingUpdate: may('rollingUpdate'), OnDelete: {} },
    defaultWord: 'RollingUpdate',
  },
  'autoscaling-v2.MetricSpec': {
    tag: 'type',
    members: {
      Resource: must('resource'),
      ContainerResource: must('containerResource'),
      Pods: must('pods'),
      Object: must('object'),
      External: must('external'),
    },
  },
  'autoscaling-v2.MetricTarget': {
    tag: 'type',
    members: {
      Utilization: must('averageUtilization'),
      AverageValue: must('averageValue'),
      Value: must('value'),
    },
  },
  'core-v1.SeccompProfile': {
    tag: 'type',
    members: { RuntimeDefault: {}, Unconfined: {}, Localhost: must('localhostProfile') },
  },
  'core-v1.AppArmorProfile': {
    tag: 'type',
    members: { RuntimeDefault: {}, Unconfined: {}, Localhost: must('localhostProfile') },
  },
};

const CONDITION_STATUS = "'True' | 'False' | 'Unknown'";

/** Fields whose type is narrower than OpenAPI says. */
export const fieldTypes: Readonly<Record<string, string>> = {
  'apiextensions-v1.CustomResourceDefinitionSpec.scope': "'Namespaced' | 'Cluster'",
  'apps-v1.RollingUpdateDeployment.maxSurge': 'IntOrPercent',
  'apps-v1.RollingUpdateDeployment.maxUnavailable': 'IntOrPercent',
  'apps-v1.RollingUpdateDaemonSet.maxSurge': 'IntOrPercent',
  'apps-v1.RollingUpdateDaemonSet.maxUnavailable': 'IntOrPercent',
  'apps-v1.RollingUpdateStatefulSetStrategy.maxUnavailable': 'IntOrPercent',
  'apps-v1.StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted': "'Retain' | 'Delete'",
  'apps-v1.StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled': "'Retain' | 'Delete'",
  'autoscaling-v2.HPAScalingPolicy.type': "'Pods' | 'Percent'",
  'autoscaling-v2.HPAScalingRules.selectPolicy': "'Max' | 'Min' | 'Disabled'",
  'core-v1.EmptyDirVolumeSource.medium': `'' | 'Memory' | 'HugePages' | \`HugePages-\${string}\``,
  'core-v1.PodOS.name': "'linux' | 'windows'",
  'meta-v1.Condition.status': CONDITION_STATUS,
  'meta-v1.LabelSelectorRequirement.operator': "'In' | 'NotIn' | 'Exists' | 'DoesNotExist'",
  'meta-v1.ManagedFieldsEntry.operation': "'Apply' | 'Update'",
  'meta-v1.DeleteOptions.propagationPolicy': "'Orphan' | 'Background' | 'Foreground'",
  'policy-v1.PodDisruptionBudgetSpec.minAvailable': 'IntOrPercent',
  'policy-v1.PodDisruptionBudgetSpec.maxUnavailable': 'IntOrPercent',
  'rbac-v1.RoleRef.kind': "'Role' | 'ClusterRole'",
  'rbac-v1.Subject.kind': "'User' | 'Group' | 'ServiceAccount'",
};

/** `status` of every type called `...Condition`. */
export const conditionStatus = CONDITION_STATUS;

/** Kinds that the server refuses without a spec although no single field of it is required. */
export const kindsThatNeedASpec: ReadonlySet<string> = new Set([
  'Ingress',
  'NetworkPolicy',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'ReplicationController',
  'Service',
]);

/** Fields that the server requires in code. */
export const requiredFields: ReadonlySet<string> = new Set([
  'apps-v1.ReplicaSetSpec.template',
  'core-v1.ReplicationControllerSpec.template',
]);
