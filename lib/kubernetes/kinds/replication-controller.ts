/**
 * ReplicationControllers: ReplicaSets before they could select by expression.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/
 */
import type { ErrorList } from '../field-errors';
import type { KubernetesObject } from '../object';
import { notNegative } from '../validation/checks';
import { age, containersAndImages, formatLabels } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { applyPodTemplateDefaults, dropStopSignals } from './pod/defaults';
import { podWarnings } from './pod/warnings';
import { replicaCounters } from './replica-set';
import { SPEC, validateCounters, validateLastingTemplate, validateTemplateLabels } from './workload-rules';

function defaults(draft: Draft): void {
  applyPodTemplateDefaults(draft.spec.template);
  applyLabelDefaults(draft);
  draft.spec.replicas ??= 1;
}

/** The template's labels are the selector's and the controller's own. */
function applyLabelDefaults({ metadata, spec }: Draft): void {
  const labels = spec.template?.metadata?.labels;
  if (labels) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  }
}

function validate({ spec }: KubernetesObject, errors: ErrorList): void {
  notNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors);
  const hasSelector = Object.keys(spec.selector ?? {}).length > 0;
  if (!hasSelector) errors.required(SPEC.child('selector'));
  notNegative(spec.replicas, SPEC.child('replicas'), errors);
  const template = SPEC.child('template');
  if (!spec.template) {
    errors.required(template);
    return;
  }
  if (hasSelector) validateTemplateLabels({ matchLabels: spec.selector }, spec.template, template, errors);
  validateLastingTemplate(spec.template, template, errors, { kind: 'ReplicationController' });
}

export const replicationController = defineKind({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  resource: 'replicationcontrollers',
  dropDisabledFields: ({ spec }) => dropStopSignals(spec.template?.spec),
  defaults,
  generation: 'spec',
  status: {
    initial: () => ({ replicas: 0 }),
    prepare: applyLabelDefaults,
    validate: (next, _old, errors) => validateCounters(next.status, errors, replicaCounters),
  },
  warnings: ({ spec }) => podWarnings(spec.template, 'spec.template.'),
  validate,
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
