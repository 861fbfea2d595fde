/** CSIStorageCapacities: how much a driver still has, and where. https://kubernetes.io/docs/concepts/storage/storage-capacity/ */

import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { parseQuantity } from '../quantity';
import { validateLabelSelector } from '../validation/label-selectors';
import { check, dnsSubdomain } from '../validation/names';
import { immutable } from '../validation/object-meta';
import { defineKind } from './define-kind';

function validate(object: KubernetesObject, errors: ErrorList): void {
  check(object.storageClassName ?? '', dnsSubdomain, root('storageClassName'), errors);
  validateLabelSelector(object.nodeTopology, root('nodeTopology'), errors);
  for (const field of ['capacity', 'maximumVolumeSize']) {
    if (object[field] === undefined) continue;
    const amount = parseQuantity(object[field]);
    if (amount.nano < 0n) errors.invalid(root(field), amount.text, 'must be greater than or equal to 0');
  }
}

export const csiStorageCapacity = defineKind({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIStorageCapacity',
  resource: 'csistoragecapacities',
  allowUnconditionalUpdate: false,
  validate,
  validateUpdate: (next, old, errors) => {
    immutable(next.nodeTopology, old.nodeTopology, root('nodeTopology'), errors);
    immutable(next.storageClassName, old.storageClassName, root('storageClassName'), errors);
  },
});
