/** VolumeAttributesClasses: changeable properties of volumes. https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/ */
import { age } from './cells';
import { defineKind } from './define-kind';

const DEFAULT_CLASS = 'volumeattributesclass.alpha.kubernetes.io/is-default-class';

export const volumeAttributesClass = defineKind({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'VolumeAttributesClass',
  resource: 'volumeattributesclasses',
  namespaced: false,
  cells: (object, context) => {
    const { name, annotations } = object.metadata;
    const shown = annotations?.[DEFAULT_CLASS] === 'true' ? `${name} (default)` : name!;
    return [shown, object.driverName ?? '', age(object, context)];
  },
});
