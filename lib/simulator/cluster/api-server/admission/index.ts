/**
 * The built-in admission plugins, in the order in which kube-apiserver 1.35 runs those that are on by default.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#which-plugins-are-enabled-by-default
 *
 * ClusterTrustBundleAttest and MutatingAdmissionPolicy are on, too, but the kinds they are about are not served by default.
 */
import { rbacEscalation } from '../auth/escalation';
import type { AdmissionPlugin } from './admission';
import { certificateApproval } from './certificate-approval';
import { certificateRequestSignature } from './certificate-request-signature';
import { certificateSigning } from './certificate-signing';
import { certificateSubjectRestriction } from './certificate-subject-restriction';
import { defaultIngressClass, defaultStorageClass } from './default-classes';
import { defaultTolerationSeconds } from './default-toleration-seconds';
import { limitRanger } from './limit-ranger';
import { namespaceLifecycle } from './namespace-lifecycle';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize';
import { podSecurity } from './pod-security';
import { podTopologyLabels } from './pod-topology-labels';
import { priority } from './priority';
import { resourceQuota } from './resource-quota';
import { runtimeClass } from './runtime-class';
import { serviceAccount } from './service-account';
import { storageObjectInUseProtection } from './storage-object-in-use-protection';
import { taintNodesByCondition } from './taint-nodes-by-condition';
import { validatingAdmissionPolicy } from './validating-policies/index';
import { mutatingAdmissionWebhook, validatingAdmissionWebhook } from './webhooks/index';

const BUILT_IN: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  taintNodesByCondition,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  persistentVolumeClaimResize,
  runtimeClass,
  certificateApproval,
  certificateSigning,
  certificateRequestSignature,
  certificateSubjectRestriction,
  defaultIngressClass,
  podTopologyLabels,
  mutatingAdmissionWebhook,
  rbacEscalation,
  validatingAdmissionPolicy,
  validatingAdmissionWebhook,
  resourceQuota,
];

/** The plugins of a cluster. What a cloud adds runs where its webhooks would run: before everybody else's. */
export function admissionPlugins(cloudPlugins: readonly AdmissionPlugin[]): readonly AdmissionPlugin[] {
  return BUILT_IN.flatMap((plugin) => (plugin === mutatingAdmissionWebhook ? [...cloudPlugins, plugin] : [plugin]));
}
