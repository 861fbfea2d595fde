/**
 * Volumes that are in use outlive their deletion: a finalizer keeps them until the protection controllers take it off.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
 */
import type { AdmissionPlugin } from './admission';

const FINALIZERS: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
  'volumeattributesclasses.storage.k8s.io': 'kubernetes.io/vac-protection',
};

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  handles: ['CREATE'],
  admit({ resource, subresource, object }) {
    const finalizer = FINALIZERS[resource.collection];
    if (finalizer === undefined || subresource !== '') return;
    const { metadata } = object!;
    if (metadata.finalizers?.includes(finalizer)) return;
    metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
  },
};
