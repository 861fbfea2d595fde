/** VolumeAttachments: a volume is to be attached to a node. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/ */
import { age } from './cells';
import { defineKind } from './define-kind';

export const volumeAttachment = defineKind({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'VolumeAttachment',
  resource: 'volumeattachments',
  namespaced: false,
  status: { initial: () => ({ attached: false }), resets: 'spec and metadata' },
  allowUnconditionalUpdate: false,
  cells: (object, context) => [
    object.metadata.name!,
    object.spec?.attacher ?? '',
    object.spec?.source?.persistentVolumeName ?? '',
    object.spec?.nodeName ?? '',
    object.status?.attached ?? false,
    age(object, context),
  ],
});
