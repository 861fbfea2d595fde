/**
 * ReplicationControllers: ReplicaSets before they could select by expression.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/
 */
import { age, containersAndImages, formatLabels } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { applyPodTemplateDefaults } from './pod/defaults';

function defaults({ metadata, spec }: Draft): void {
  applyPodTemplateDefaults(spec.template);
  const labels = spec.template?.metadata?.labels;
  if (labels) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  }
  spec.replicas ??= 1;
}

export const replicationController = defineKind({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  resource: 'replicationcontrollers',
  defaults,
  generation: 'spec',
  status: { initial: () => ({ replicas: 0 }) },
  defaultDeletePropagation: 'Orphan',
  selectableFields: { 'status.replicas': (object) => String(object.status?.replicas ?? 0) },
  cells: (object, context) => {
    const { metadata, spec, status = {} } = object;
    return [
      metadata.name!,
      spec.replicas ?? 0,
      status.replicas ?? 0,
      status.readyReplicas ?? 0,
      age(object, context),
      ...containersAndImages(spec.template?.spec),
      formatLabels(spec.selector),
    ];
  },
});
