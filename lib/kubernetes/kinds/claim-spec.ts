/**
 * What a claim for storage must say: of PersistentVolumeClaims, of StatefulSets' claim templates, of ephemeral volumes.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistentvolumeclaims
 */
import { type ErrorList, type Path, Printed } from '../field-errors';
import { parseQuantity } from '../quantity';
import { oneOf, requirePresent } from '../validation/checks';
import { validateLabelSelector } from '../validation/label-selectors';
import { check, dnsLabel, dnsSubdomain } from '../validation/names';

export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

export function validateClaimSpec(spec: any, path: Path, errors: ErrorList): void {
  requirePresent(spec.accessModes, path.child('accessModes'), errors, 'at least 1 access mode is required');
  validateLabelSelector(spec.selector, path.child('selector'), errors);
  validateAccessModes(spec.accessModes, path.child('accessModes'), errors);
  validateStorageRequest(spec.resources?.requests?.storage, path.child('resources').key('storage'), errors);
  if (spec.storageClassName) check(spec.storageClassName, dnsSubdomain, path.child('storageClassName'), errors);
  if (spec.volumeMode !== undefined) oneOf(spec.volumeMode, VOLUME_MODES, path.child('volumeMode'), errors);
  const { dataSource, dataSourceRef } = spec;
  if (dataSource) validateDataSource(dataSource, path.child('dataSource'), errors);
  if (dataSourceRef) {
    validateDataSource(dataSourceRef, path.child('dataSourceRef'), errors);
    const { namespace } = dataSourceRef;
    if (namespace) check(namespace, dnsLabel, path.child('dataSourceRef').child('namespace'), errors);
  }
  if (dataSource && dataSourceRef) {
    // The server shows the path itself, a struct without public fields.
    const shown = new Printed('{}');
    if (dataSourceRef.namespace) {
      errors.invalid(path, shown, 'may not be specified when dataSourceRef.namespace is specified');
    } else if (!sameSource(dataSource, dataSourceRef)) errors.invalid(path, shown, 'must match dataSourceRef');
  }
  const attributes = spec.volumeAttributesClassName;
  if (attributes) check(attributes, dnsSubdomain, path.child('volumeAttributesClassName'), errors);
}

const sameSource = (a: any, b: any): boolean => a.apiGroup === b.apiGroup && a.kind === b.kind && a.name === b.name;

/** Known modes, and ReadWriteOncePod only alone. */
export function validateAccessModes(modes: string[] | undefined, path: Path, errors: ErrorList): void {
  for (const mode of modes ?? []) oneOf(mode, ACCESS_MODES, path, errors);
  const others = modes?.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  if (modes?.includes('ReadWriteOncePod') && others) {
    errors.forbidden(path, 'may not use ReadWriteOncePod with other access modes');
  }
}

function validateStorageRequest(storage: string | undefined, path: Path, errors: ErrorList): void {
  if (storage === undefined) errors.required(path);
  else if (parseQuantity(storage).nano <= 0n) {
    errors.invalid(path, parseQuantity(storage).text, 'must be greater than zero');
  }
}

function validateDataSource({ name, kind = '', apiGroup }: any, path: Path, errors: ErrorList): void {
  requirePresent(name, path.child('name'), errors);
  requirePresent(kind, path.child('kind'), errors);
  if (!apiGroup && kind !== 'PersistentVolumeClaim') {
    errors.invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
  }
  if (apiGroup) check(apiGroup, dnsSubdomain, path.child('apiGroup'), errors);
}
