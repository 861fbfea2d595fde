/**
 * StatefulSets: Pods with an identity, an order and storage of their own.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 */
import { age, containersAndImages } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { applyClaimSpecDefaults, applyPodTemplateDefaults } from './pod/defaults';

function defaults({ spec }: Draft): void {
  applyPodTemplateDefaults(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) applyClaimTemplateDefaults(claim);
  if (!spec.podManagementPolicy) spec.podManagementPolicy = 'OrderedReady';
  spec.updateStrategy ??= {};
  const strategy = spec.updateStrategy;
  if (!strategy.type) {
    strategy.type = 'RollingUpdate';
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) {
    strategy.rollingUpdate.partition ??= 0;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  if (!retention.whenDeleted) retention.whenDeleted = 'Retain';
  if (!retention.whenScaled) retention.whenScaled = 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
}

/** Claims inside a StatefulSet are complete objects, with kind and status. */
function applyClaimTemplateDefaults(claim: any): void {
  claim.apiVersion = 'v1';
  claim.kind = 'PersistentVolumeClaim';
  claim.spec ??= {};
  applyClaimSpecDefaults(claim.spec);
  claim.status ??= {};
  if (!claim.status.phase) claim.status.phase = 'Pending';
}

export const statefulSet = defineKind({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  resource: 'statefulsets',
  defaults,
  generation: 'spec',
  status: { initial: () => ({ replicas: 0, availableReplicas: 0 }) },
  cells: (object, context) => {
    const { metadata, spec, status = {} } = object;
    const ready = `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`;
    return [metadata.name!, ready, age(object, context), ...containersAndImages(spec.template?.spec)];
  },
});
