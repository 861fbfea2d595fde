/**
 * The registry of kinds: one import and one line per kind.
 * https://kubernetes.io/docs/reference/kubernetes-api/
 *
 * A built-in kind without a file of its own gets the common behaviour: metadata rules, a status subresource if discovery
 * lists one, and the schema's defaults. docs/fidelity.md lists these.
 */
import { apiVersionOf } from '../object';
import { discovery } from '../schema/discovery.generated';
import { apiService } from './api-service';
import { certificateSigningRequest } from './certificate-signing-request';
import { clusterRole } from './cluster-role';
import { clusterRoleBinding } from './cluster-role-binding';
import { componentStatus } from './component-status';
import { configMap } from './config-map';
import { controllerRevision } from './controller-revision';
import { cronJob } from './cron-job';
import { csiDriver } from './csi-driver';
import { csiNode } from './csi-node';
import { csiStorageCapacity } from './csi-storage-capacity';
import { customResourceDefinition } from './custom-resource-definition';
import { daemonSet } from './daemon-set';
import { defineKind } from './define-kind';
import { deployment } from './deployment';
import { deviceClass } from './device-class';
import { endpointSlice } from './endpoint-slice';
import { endpoints } from './endpoints';
import { event, eventsEvent } from './event';
import { flowSchema } from './flow-schema';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler';
import { ingress } from './ingress';
import { ingressClass } from './ingress-class';
import { ipAddress } from './ip-address';
import { job } from './job';
import type { KindDefinition } from './kind-definition';
import { lease } from './lease';
import { limitRange } from './limit-range';
import { mutatingWebhookConfiguration } from './mutating-webhook-configuration';
import { namespace } from './namespace';
import { networkPolicy } from './network-policy';
import { node } from './node';
import { persistentVolume } from './persistent-volume';
import { persistentVolumeClaim } from './persistent-volume-claim';
import { pod } from './pod/pod';
import { podDisruptionBudget } from './pod-disruption-budget';
import { podTemplate } from './pod-template';
import { priorityClass } from './priority-class';
import { priorityLevelConfiguration } from './priority-level-configuration';
import { replicaSet } from './replica-set';
import { replicationController } from './replication-controller';
import { resourceClaim } from './resource-claim';
import { resourceClaimTemplate } from './resource-claim-template';
import { resourceQuota } from './resource-quota';
import { resourceSlice } from './resource-slice';
import { role } from './role';
import { roleBinding } from './role-binding';
import { runtimeClass } from './runtime-class';
import { secret } from './secret';
import { service } from './service';
import { serviceAccount } from './service-account';
import { serviceCidr } from './service-cidr';
import { statefulSet } from './stateful-set';
import { storageClass } from './storage-class';
import { validatingAdmissionPolicy } from './validating-admission-policy';
import { validatingAdmissionPolicyBinding } from './validating-admission-policy-binding';
import { validatingWebhookConfiguration } from './validating-webhook-configuration';
import { volumeAttachment } from './volume-attachment';
import { volumeAttributesClass } from './volume-attributes-class';

const own: readonly KindDefinition[] = [
  apiService,
  certificateSigningRequest,
  clusterRoleBinding,
  clusterRole,
  componentStatus,
  configMap,
  controllerRevision,
  cronJob,
  csiDriver,
  csiNode,
  csiStorageCapacity,
  customResourceDefinition,
  daemonSet,
  deployment,
  deviceClass,
  endpointSlice,
  endpoints,
  event,
  flowSchema,
  horizontalPodAutoscaler,
  ingressClass,
  ingress,
  ipAddress,
  job,
  lease,
  limitRange,
  mutatingWebhookConfiguration,
  namespace,
  networkPolicy,
  node,
  persistentVolumeClaim,
  persistentVolume,
  podDisruptionBudget,
  podTemplate,
  pod,
  priorityClass,
  priorityLevelConfiguration,
  replicaSet,
  replicationController,
  resourceClaimTemplate,
  resourceClaim,
  resourceQuota,
  resourceSlice,
  roleBinding,
  role,
  runtimeClass,
  secret,
  serviceAccount,
  serviceCidr,
  service,
  statefulSet,
  storageClass,
  validatingAdmissionPolicyBinding,
  validatingAdmissionPolicy,
  validatingWebhookConfiguration,
  volumeAttachment,
  volumeAttributesClass,
];

const byKind = new Map(own.map((definition) => [`${definition.group}/${definition.kind}`, definition]));
// The newer API of the same Events; its complaints speak of the old one.
byKind.set('events.k8s.io/Event', eventsEvent);

/** The definition of a built-in kind, or undefined when the kind is not built in. */
export function tryKindDefinition(group: string, kind: string): KindDefinition | undefined {
  const key = `${group}/${kind}`;
  let definition = byKind.get(key);
  if (definition === undefined) {
    definition = fromDiscovery(group, kind);
    if (definition) byKind.set(key, definition);
  }
  return definition;
}

/** @throws Error when the kind is not built in. */
export function kindDefinition(group: string, kind: string): KindDefinition {
  const definition = tryKindDefinition(group, kind);
  if (!definition) throw new Error(`no built-in kind ${kind} in group "${group}"`);
  return definition;
}

function fromDiscovery(group: string, kind: string): KindDefinition | undefined {
  for (const found of discovery) {
    if (found.group !== group) continue;
    for (const { version, resources } of found.versions) {
      for (const { resource, responseKind, scope, subresources } of resources) {
        if (responseKind.kind !== kind) continue;
        const hasStatus = subresources?.some(({ subresource }) => subresource === 'status');
        return defineKind({
          apiVersion: apiVersionOf({ group, version }),
          kind,
          resource,
          namespaced: scope === 'Namespaced',
          ...(hasStatus ? { status: {}, generation: 'spec' } : {}),
        });
      }
    }
  }
  return undefined;
}

export { defineKind } from './define-kind';
export type { Draft, KindDefinition, RequestContext, UpdateStrategy, UserInfo } from './kind-definition';
