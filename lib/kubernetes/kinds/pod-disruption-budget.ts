/** PodDisruptionBudgets: how many Pods may go at once. https://kubernetes.io/docs/concepts/workloads/pods/disruptions/ */

import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { notMoreThanAll, oneOf, positiveIntOrPercent } from '../validation/checks';
import { validateConditions } from '../validation/conditions';
import { printStruct } from '../validation/go-structs';
import { validateLabelSelector } from '../validation/label-selectors';
import { nonNegative } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';

const SPEC = root('spec');
const STATUS = root('status');

const specStruct = {
  MinAvailable: ['minAvailable', null],
  Selector: ['selector', null],
  MaxUnavailable: ['maxUnavailable', null],
  UnhealthyPodEvictionPolicy: ['unhealthyPodEvictionPolicy', null],
} as const;

function validate({ spec = {} }: KubernetesObject, errors: ErrorList): void {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.invalid(SPEC, printStruct(specStruct, spec), 'minAvailable and maxUnavailable cannot be both set');
  }
  for (const field of ['minAvailable', 'maxUnavailable']) {
    positiveIntOrPercent(spec[field], SPEC.child(field), errors);
    notMoreThanAll(spec[field], SPEC.child(field), errors);
  }
  validateLabelSelector(selector, SPEC.child('selector'), errors);
  if (policy !== undefined) {
    oneOf(policy, ['IfHealthyBudget', 'AlwaysAllow'], SPEC.child('unhealthyPodEvictionPolicy'), errors);
  }
}

function validateStatus({ status = {} }: KubernetesObject, errors: ErrorList): void {
  validateConditions(status.conditions, STATUS.child('conditions'), errors);
  for (const field of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods']) {
    nonNegative(status[field] ?? 0, STATUS.child(field), errors);
  }
}

export const podDisruptionBudget = defineKind({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  resource: 'poddisruptionbudgets',
  metadataCheckedOnce: true,
  freeFinalizers: true,
  generation: 'spec',
  status: {
    initial: () => ({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }),
    validate: (next, _old, errors) => validateStatus(next, errors),
  },
  validate,
  allowUnconditionalUpdate: false,
  cells: (object, context) => {
    const { metadata, spec = {}, status = {} } = object;
    return [
      metadata.name!,
      spec.minAvailable === undefined ? 'N/A' : `${spec.minAvailable}`,
      spec.maxUnavailable === undefined ? 'N/A' : `${spec.maxUnavailable}`,
      status.disruptionsAllowed ?? 0,
      age(object, context),
    ];
  },
});
