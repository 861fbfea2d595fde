/** ResourceClaimTemplates: one claim per Pod. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */

import { root } from '../field-errors';
import { immutable } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';
import { validateDeviceClaim } from './device-claim-rules';
import { applyDeviceClaimDefaults } from './resource-claim';

const DEVICES = root('spec').child('spec').child('devices');

export const resourceClaimTemplate = defineKind({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaimTemplate',
  resource: 'resourceclaimtemplates',
  defaults: ({ spec }) => applyDeviceClaimDefaults(spec?.spec),
  validate: ({ spec }, errors) => validateDeviceClaim(spec?.spec?.devices, DEVICES, errors),
  validateUpdate: (next, old, errors) => {
    immutable(next.spec, old.spec, root('spec'), errors);
  },
  cells: (object, context) => [object.metadata.name!, age(object, context)],
});
