/** StorageClasses: kinds of storage that are made on demand. https://kubernetes.io/docs/concepts/storage/storage-classes/ */
import { age } from './cells';
import { defineKind } from './define-kind';

const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

export const storageClass = defineKind({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  resource: 'storageclasses',
  namespaced: false,
  defaults: (draft) => {
    draft.reclaimPolicy ??= 'Delete';
    draft.volumeBindingMode ??= 'Immediate';
  },
  cells: (object, context) => {
    const { name, annotations } = object.metadata;
    const isDefault = DEFAULT_CLASS.some((key) => annotations?.[key] === 'true');
    return [
      isDefault ? `${name} (default)` : name!,
      object.provisioner ?? '',
      object.reclaimPolicy ?? 'Delete',
      object.volumeBindingMode ?? '<unset>',
      object.allowVolumeExpansion ?? false,
      age(object, context),
    ];
  },
});
