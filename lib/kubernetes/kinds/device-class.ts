/** DeviceClasses: categories of devices. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */

import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';
import { validateOpaque, validateSelectors } from './device-claim-rules';

const SPEC = root('spec');

function validate({ spec }: KubernetesObject, errors: ErrorList): void {
  validateSelectors(spec?.selectors, SPEC.child('selectors'), errors);
  spec?.config?.forEach(({ opaque }: any, i: number) => {
    validateOpaque(opaque, SPEC.child('config').index(i), errors);
  });
}

export const deviceClass = defineKind({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  resource: 'deviceclasses',
  namespaced: false,
  generation: 'spec',
  validate,
  cells: (object, context) => [object.metadata.name!, age(object, context)],
});
