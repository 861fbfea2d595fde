/** DeviceClasses: categories of devices. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
import { age } from './cells';
import { defineKind } from './define-kind';

export const deviceClass = defineKind({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  resource: 'deviceclasses',
  namespaced: false,
  generation: 'spec',
  cells: (object, context) => [object.metadata.name!, age(object, context)],
});
