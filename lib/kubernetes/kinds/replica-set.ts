/**
 * ReplicaSets: a number of equal Pods. https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/
 */
import { formatSelector } from '../selectors';
import { age, containersAndImages } from './cells';
import { defineKind } from './define-kind';
import { applyPodTemplateDefaults } from './pod/defaults';

export const replicaSet = defineKind({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  resource: 'replicasets',
  defaults: ({ spec }) => {
    applyPodTemplateDefaults(spec.template);
    spec.replicas ??= 1;
  },
  generation: 'spec',
  status: { initial: () => ({ replicas: 0 }) },
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
      formatSelector(spec.selector),
    ];
  },
});
