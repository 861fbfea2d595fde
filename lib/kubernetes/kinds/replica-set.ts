/**
 * ReplicaSets: a number of equal Pods. https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/
 */
import type { ErrorList } from '../field-errors';
import type { KubernetesObject } from '../object';
import { formatSelector } from '../selectors';
import { notNegative } from '../validation/checks';
import { immutable } from '../validation/object-meta';
import { age, containersAndImages } from './cells';
import { defineKind } from './define-kind';
import { applyPodTemplateDefaults, dropStopSignals } from './pod/defaults';
import {
  SPEC,
  templateWarnings,
  validateCounters,
  validateSelector,
  validateSelectorAndTemplate,
} from './workload-rules';

/** Of ReplicaSets and ReplicationControllers. */
export const replicaCounters = {
  notNegative: ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'],
  atMost: [
    ['fullyLabeledReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['readyReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['availableReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['availableReplicas', 'readyReplicas', 'cannot be greater than readyReplicas'],
  ],
} as const;

function validate({ spec }: KubernetesObject, errors: ErrorList): void {
  notNegative(spec.replicas, SPEC.child('replicas'), errors);
  notNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors);
  // The message says deployment, as the real one does.
  validateSelector(spec.selector, SPEC.child('selector'), errors, { owner: 'deployment' });
  validateSelectorAndTemplate(spec, errors, { kind: 'ReplicaSet', unusable: 'invalid label selector' });
}

export const replicaSet = defineKind({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  resource: 'replicasets',
  dropDisabledFields: ({ spec }) => dropStopSignals(spec.template?.spec),
  defaults: ({ spec }) => {
    applyPodTemplateDefaults(spec.template);
    spec.replicas ??= 1;
  },
  generation: 'spec',
  status: {
    initial: () => ({ replicas: 0 }),
    validate: (next, _old, errors) => validateCounters(next.status, errors, replicaCounters),
  },
  warnings: templateWarnings,
  validate,
  validateUpdate: (next, old, errors) => {
    validate(next, errors);
    immutable(next.spec.selector, old.spec.selector, SPEC.child('selector'), errors);
  },
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
