/** CSINodes: the storage drivers of a node. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-node-v1/ */
import { age } from './cells';
import { defineKind } from './define-kind';

export const csiNode = defineKind({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  resource: 'csinodes',
  namespaced: false,
  allowUnconditionalUpdate: false,
  cells: (object, context) => [object.metadata.name!, object.spec?.drivers?.length ?? 0, age(object, context)],
});
