/** CSIStorageCapacities: how much a driver still has, and where. https://kubernetes.io/docs/concepts/storage/storage-capacity/ */
import { defineKind } from './define-kind';

export const csiStorageCapacity = defineKind({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIStorageCapacity',
  resource: 'csistoragecapacities',
  allowUnconditionalUpdate: false,
});
