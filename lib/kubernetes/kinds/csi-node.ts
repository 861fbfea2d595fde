/** CSINodes: the storage drivers of a node. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-node-v1/ */

import { semanticEqual } from '../equality';
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { requirePresent } from '../validation/checks';
import { byteLength, check, qualifiedName } from '../validation/names';
import { nonNegative } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';
import { validateCsiDriverName } from './pod/volume-sources';

const DRIVERS = root('spec').child('drivers');
const MAX_NODE_ID = 192;

function validate({ spec }: KubernetesObject, errors: ErrorList): void {
  const names = new Set<string>();
  spec?.drivers?.forEach((driver: any, i: number) => {
    const at = DRIVERS.index(i);
    validateDriver(driver, at, errors);
    if (names.has(driver.name)) errors.duplicate(at.child('name'), driver.name);
    names.add(driver.name);
  });
}

function validateDriver({ name, nodeID = '', topologyKeys, allocatable }: any, path: Path, errors: ErrorList): void {
  validateCsiDriverName(name, path.child('name'), errors);
  if (requirePresent(nodeID, path.child('nodeID'), errors) && byteLength(nodeID) > MAX_NODE_ID) {
    errors.invalid(path.child('nodeID'), nodeID, `must be ${MAX_NODE_ID} characters or less`);
  }
  if (allocatable?.count !== undefined)
    nonNegative(allocatable.count, path.child('allocatable').child('count'), errors);
  const seen = new Set<string>();
  for (const key of topologyKeys ?? []) {
    const at = path.child('topologyKeys');
    requirePresent(key, at, errors);
    if (seen.has(key)) errors.duplicate(at, key);
    seen.add(key);
    check(key, qualifiedName, at, errors);
  }
}

/** Drivers come and go; one that stays does not change, but for how much it can attach. */
function validateUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validate(next, errors);
  for (const before of old.spec?.drivers ?? []) {
    const after = next.spec?.drivers?.find(({ name }: any) => name === before.name);
    if (after && !semanticEqual({ ...after, allocatable: null }, { ...before, allocatable: null })) {
      errors.invalid(root('CSINode'), after, 'field is immutable');
    }
  }
}

export const csiNode = defineKind({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadataCheckedOnce: true,
  resource: 'csinodes',
  namespaced: false,
  allowUnconditionalUpdate: false,
  validate,
  validateUpdate,
  cells: (object, context) => [object.metadata.name!, object.spec?.drivers?.length ?? 0, age(object, context)],
});
