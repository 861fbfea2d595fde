/** ConfigMaps: configuration as keys and values. https://kubernetes.io/docs/concepts/configuration/configmap/ */

import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { byteLength, check, configMapKey } from '../validation/names';
import { age } from './cells';
import { defineKind } from './define-kind';
import { base64Length, validateFrozen } from './frozen-data';

/** All values together: 1 MiB. */
const MAX_BYTES = 1024 * 1024;

function validate({ data, binaryData }: KubernetesObject, errors: ErrorList): void {
  let bytes = 0;
  for (const key in data) {
    const at = root('data').key(key);
    check(key, configMapKey, at, errors);
    if (binaryData?.[key] !== undefined) errors.invalid(at, key, 'duplicate of key present in binaryData');
    bytes += byteLength(data[key]);
  }
  for (const key in binaryData) {
    check(key, configMapKey, root('binaryData').key(key), errors);
    bytes += base64Length(binaryData[key] ?? '');
  }
  if (bytes > MAX_BYTES) errors.tooLong('', MAX_BYTES);
}

export const configMap = defineKind({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  validate,
  validateUpdate: (next, old, errors) => {
    validateFrozen(next, old, ['data', 'binaryData'], errors);
    validate(next, errors);
  },
  cells: (object, context) => [
    object.metadata.name!,
    Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length,
    age(object, context),
  ],
});
