/** ResourceSlices: the devices of a node or a pool. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
import { age } from './cells';
import { defineKind } from './define-kind';
import { dateTaints } from './resource-claim';

export const resourceSlice = defineKind({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  resource: 'resourceslices',
  namespaced: false,
  generation: 'spec',
  prepareForCreate: ({ spec }, { now }) => {
    for (const device of spec?.devices ?? []) dateTaints(device.taints, now);
  },
  prepareForUpdate: ({ spec }, _old, { now }) => {
    for (const device of spec?.devices ?? []) dateTaints(device.taints, now);
  },
  selectableFields: {
    'spec.nodeName': (object) => object.spec?.nodeName ?? '',
    'spec.driver': (object) => object.spec?.driver ?? '',
  },
  cells: (object, context) => [
    object.metadata.name!,
    object.spec?.nodeName ?? '',
    object.spec?.driver ?? '',
    object.spec?.pool?.name ?? '',
    age(object, context),
  ],
});
