/** The registry of readiness rules, and the order in which they are asked. */
import { isBuiltInGroup } from '../built-in-groups';
import { type KubernetesObject, parseApiVersion } from '../object';
import { apiServiceReadiness } from './api-service';
import { customResourceDefinitionReadiness } from './custom-resource-definition';
import { daemonSetReadiness } from './daemon-set';
import { deploymentReadiness } from './deployment';
import { gatewayReadiness } from './gateway';
import { horizontalPodAutoscalerReadiness } from './horizontal-pod-autoscaler';
import { ingressReadiness } from './ingress';
import { jobReadiness } from './job';
import { namespaceReadiness } from './namespace';
import { persistentVolumeClaimReadiness } from './persistent-volume-claim';
import { podReadiness } from './pod';
import {
  conditionOf,
  current,
  failed,
  inProgress,
  messageOf,
  type Readiness,
  type ReadinessRule,
  type Surroundings,
} from './readiness';
import { replicaSetReadiness } from './replica-set';
import { serviceReadiness } from './service';
import { statefulSetReadiness } from './stateful-set';

export type { PodTrouble } from './pod-trouble';
export { podTrouble } from './pod-trouble';
export type { Readiness, ReadinessRule, ReadinessStatus, Surroundings } from './readiness';

/** By group and kind, never by version: a rule outlives the versions of its kind. */
const RULES: Readonly<Record<string, ReadinessRule>> = {
  '/Namespace': namespaceReadiness,
  '/PersistentVolumeClaim': persistentVolumeClaimReadiness,
  '/Pod': podReadiness,
  '/ReplicationController': replicaSetReadiness,
  '/Service': serviceReadiness,
  'apiextensions.k8s.io/CustomResourceDefinition': customResourceDefinitionReadiness,
  'apiregistration.k8s.io/APIService': apiServiceReadiness,
  'apps/DaemonSet': daemonSetReadiness,
  'apps/Deployment': deploymentReadiness,
  'apps/ReplicaSet': replicaSetReadiness,
  'apps/StatefulSet': statefulSetReadiness,
  'autoscaling/HorizontalPodAutoscaler': horizontalPodAutoscalerReadiness,
  'batch/Job': jobReadiness,
  'gateway.networking.k8s.io/Gateway': gatewayReadiness,
  'networking.k8s.io/Ingress': ingressReadiness,
};

/** Kinds whose controller sets `observedGeneration`: without it, nobody has looked at the object yet. */
const OBSERVED = new Set([
  '/ReplicationController',
  'apps/DaemonSet',
  'apps/Deployment',
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'policy/PodDisruptionBudget',
]);

/** Whether an object of this kind can be anything but Current as soon as it is there. */
export function isWorthWaitingFor(object: KubernetesObject): boolean {
  const key = ruleKey(object);
  if (key in RULES || OBSERVED.has(key)) return true;
  // A custom resource may have conditions.
  return !isBuiltInGroup(parseApiVersion(object.apiVersion).group);
}

/**
 * What has become of an object that exists. The first that applies decides: being deleted, not looked at since the last
 * change, the general conditions `Reconciling` and `Stalled`, the rule of the kind, the condition `Ready`.
 */
export function readinessOf(object: KubernetesObject, surroundings: Surroundings = {}): Readiness {
  if (object.metadata.deletionTimestamp) return terminating(object);
  const key = ruleKey(object);
  const { generation } = object.metadata;
  const observed: number | undefined = object.status?.observedGeneration;
  const unseen = observed === undefined ? OBSERVED.has(key) : generation !== undefined && observed < generation;
  if (unseen) return inProgress('not looked at by its controller yet', 'LatestGenerationNotObserved');
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True') return inProgress(messageOf(reconciling), reconciling.reason);
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return failed(messageOf(stalled), stalled.reason);
  const rule = RULES[key];
  if (rule) return rule(object, surroundings);
  const ready = conditionOf(object, 'Ready');
  if (ready && ready.status !== 'True') return inProgress(messageOf(ready), ready.reason);
  return current('there');
}

function terminating(object: KubernetesObject): Readiness {
  const finalizers = object.metadata.finalizers ?? [];
  // The garbage collector's own: it holds the object until what it owns is gone.
  const foreground = finalizers.includes('foregroundDeletion') ? ' after what it owns' : '';
  const others = finalizers.filter((finalizer) => finalizer !== 'foregroundDeletion');
  const held = others.length === 0 ? '' : `, held by finalizer ${others.join(', ')}`;
  return { status: 'Terminating', message: `being deleted${foreground}${held}` };
}

function ruleKey(object: KubernetesObject): string {
  return `${parseApiVersion(object.apiVersion).group}/${object.kind}`;
}
