/** RuntimeClasses: what runs the containers of a Pod. https://kubernetes.io/docs/concepts/containers/runtime-class/ */

import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { printStruct } from '../validation/go-structs';
import { check, dnsLabel } from '../validation/names';
import { immutable, validateLabels } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';
import { roundToMilli } from './pod/defaults';
import { validateRequirements } from './pod/resources';
import { validateTolerations } from './pod/scheduling';

function validate({ handler = '', overhead, scheduling }: KubernetesObject, errors: ErrorList): void {
  check(handler, dnsLabel, root('handler'), errors);
  if (overhead)
    validateRequirements({ limits: overhead.podFixed }, root('overhead'), errors, { claimNames: new Set() });
  if (!scheduling) return;
  const at = root('scheduling');
  if (scheduling.nodeSelector) validateLabels(scheduling.nodeSelector, at.child('nodeSelector'), errors);
  validateTolerations(scheduling.tolerations, at.child('tolerations'), errors);
  const tolerations: any[] = scheduling.tolerations ?? [];
  tolerations.forEach((toleration, i) => {
    if (tolerations.slice(0, i).some((earlier) => isSame(earlier, toleration))) {
      errors.duplicate(at.child('tolerations').index(i), printStruct(tolerationStruct, toleration));
    }
  });
}

const tolerationStruct = {
  Key: ['key', ''],
  Operator: ['operator', ''],
  Value: ['value', ''],
  Effect: ['effect', ''],
  TolerationSeconds: ['tolerationSeconds', null],
} as const;

const isSame = (a: any, b: any): boolean =>
  ['key', 'operator', 'value', 'effect'].every((field) => (a[field] ?? '') === (b[field] ?? ''));

export const runtimeClass = defineKind({
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  resource: 'runtimeclasses',
  freeFinalizers: true,
  namespaced: false,
  defaults: ({ overhead }) => roundToMilli(overhead?.podFixed),
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  validate,
  validateUpdate: (next, old, errors) => immutable(next.handler, old.handler, root('handler'), errors),
  cells: (object, context) => [object.metadata.name!, object.handler ?? '', age(object, context)],
});
