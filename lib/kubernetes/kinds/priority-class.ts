/** PriorityClasses: which Pods matter more. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ */

import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { oneOfInOrder } from '../validation/checks';
import { immutable } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';

const HIGHEST_OF_USERS = 1_000_000_000;

/** What Kubernetes itself ships. */
const SYSTEM: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

function validate({ metadata, value = 0, globalDefault, preemptionPolicy }: KubernetesObject, errors: ErrorList): void {
  const { name = '' } = metadata;
  if (name.startsWith('system-')) {
    const problem = systemProblem(name, value, globalDefault);
    const rule = "priority class names with 'system-' prefix are reserved for system use only";
    if (problem) errors.forbidden(root('metadata').child('name'), `${rule}. error: ${problem}`);
  } else if (value > HIGHEST_OF_USERS) {
    errors.forbidden(root('value'), `maximum allowed value of a user defined priority is ${HIGHEST_OF_USERS}`);
  }
  if (preemptionPolicy === '') errors.required(root('preemptionPolicy'));
  else oneOfInOrder(preemptionPolicy, ['PreemptLowerPriority', 'Never'], root('preemptionPolicy'), errors);
}

function systemProblem(name: string, value: number, globalDefault: unknown): string | undefined {
  const expected = SYSTEM[name];
  if (expected === undefined) return `${name} is not a known system priority class`;
  if (value !== expected) return `value of ${name} PriorityClass must be ${expected}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

export const priorityClass = defineKind({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  resource: 'priorityclasses',
  namespaced: false,
  defaults: (draft) => {
    draft.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  // Set once: nothing in it may change.
  generation: () => false,
  validate,
  validateUpdate: (next, old, errors) => {
    if ((next.value ?? 0) !== (old.value ?? 0)) {
      errors.forbidden(root('value'), 'may not be changed in an update.');
    }
    immutable(next.preemptionPolicy, old.preemptionPolicy, root('preemptionPolicy'), errors);
  },
  cells: (object, context) => [
    object.metadata.name!,
    object.value ?? 0,
    object.globalDefault ?? false,
    age(object, context),
    object.preemptionPolicy ?? '',
  ],
});
