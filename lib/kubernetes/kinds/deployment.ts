/**
 * Deployments: replicas of a Pod template, rolled over when the template changes.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
 */
import { semanticEqual } from '../equality';
import type { ErrorList } from '../field-errors';
import type { KubernetesObject } from '../object';
import { formatSelector } from '../selectors';
import { notNegative } from '../validation/checks';
import { immutable } from '../validation/object-meta';
import { age, containersAndImages } from './cells';
import { defineKind } from './define-kind';
import { validateRollout, validateStrategy } from './deployment-strategy';
import type { Draft } from './kind-definition';
import { applyPodTemplateDefaults, dropStopSignals } from './pod/defaults';
import {
  SPEC,
  templateWarnings,
  validateCounters,
  validateNotDecremented,
  validateSelector,
  validateSelectorAndTemplate,
} from './workload-rules';

function defaults({ spec }: Draft): void {
  applyPodTemplateDefaults(spec.template);
  spec.replicas ??= 1;
  spec.strategy ??= {};
  const { strategy } = spec;
  if (!strategy.type) strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= '25%';
    strategy.rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}

function validate({ spec }: KubernetesObject, errors: ErrorList): void {
  notNegative(spec.replicas, SPEC.child('replicas'), errors);
  validateSelector(spec.selector, SPEC.child('selector'), errors, { owner: 'deployment' });
  validateSelectorAndTemplate(spec, errors, { kind: 'ReplicaSet', unusable: 'invalid label selector' });
  validateStrategy(spec.strategy, SPEC.child('strategy'), errors);
  validateRollout(spec, SPEC, errors);
}

function validateStatus(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validateCounters(next.status, errors, {
    notNegative: [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'collisionCount',
    ],
    atMost: [
      ['updatedReplicas', 'replicas', 'cannot be greater than status.replicas'],
      ['readyReplicas', 'replicas', 'cannot be greater than status.replicas'],
      ['availableReplicas', 'replicas', 'cannot be greater than status.replicas'],
      ['availableReplicas', 'readyReplicas', 'cannot be greater than readyReplicas'],
    ],
  });
  validateNotDecremented(next, old, 'collisionCount', errors);
}

export const deployment = defineKind({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  resource: 'deployments',
  dropDisabledFields: ({ spec }) => dropStopSignals(spec.template?.spec),
  defaults,
  // Annotations count too: the controller copies them to its ReplicaSets.
  generation: (next, old) =>
    !semanticEqual(next.spec, old.spec) || !semanticEqual(next.metadata.annotations, old.metadata.annotations),
  status: { resets: 'spec and labels', validate: validateStatus },
  warnings: templateWarnings,
  validate,
  validateUpdate: (next, old, errors) => {
    validate(next, errors);
    immutable(next.spec.selector, old.spec.selector, SPEC.child('selector'), errors);
  },
  cells: (object, context) => {
    const { metadata, spec, status = {} } = object;
    return [
      metadata.name!,
      `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      status.updatedReplicas ?? 0,
      status.availableReplicas ?? 0,
      age(object, context),
      ...containersAndImages(spec.template?.spec),
      formatSelector(spec.selector),
    ];
  },
});
