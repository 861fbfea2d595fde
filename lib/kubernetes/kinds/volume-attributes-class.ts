/** VolumeAttributesClasses: changeable properties of volumes. https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/ */

import { semanticEqual } from '../equality';
import { root } from '../field-errors';
import { age } from './cells';
import { defineKind } from './define-kind';
import { validateParameters, validateProvisioner } from './storage-parameters';

const DEFAULT_CLASS = 'volumeattributesclass.alpha.kubernetes.io/is-default-class';

export const volumeAttributesClass = defineKind({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'VolumeAttributesClass',
  resource: 'volumeattributesclasses',
  namespaced: false,
  validate: ({ driverName, parameters }, errors) => {
    validateProvisioner(driverName, root('driverName'), errors);
    validateParameters(parameters, { required: true }, root('parameters'), errors);
  },
  validateUpdate: (next, old, errors) => {
    for (const field of ['driverName', 'parameters']) {
      if (!semanticEqual(next[field], old[field])) errors.forbidden(root(field), `updates to ${field} are forbidden.`);
    }
  },
  cells: (object, context) => {
    const { name, annotations } = object.metadata;
    const shown = annotations?.[DEFAULT_CLASS] === 'true' ? `${name} (default)` : name!;
    return [shown, object.driverName ?? '', age(object, context)];
  },
});
