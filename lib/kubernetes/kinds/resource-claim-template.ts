/** ResourceClaimTemplates: one claim per Pod. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
import { age } from './cells';
import { defineKind } from './define-kind';
import { applyDeviceClaimDefaults } from './resource-claim';

export const resourceClaimTemplate = defineKind({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaimTemplate',
  resource: 'resourceclaimtemplates',
  defaults: ({ spec }) => applyDeviceClaimDefaults(spec?.spec),
  cells: (object, context) => [object.metadata.name!, age(object, context)],
});
