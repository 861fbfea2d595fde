/**
 * What a PersistentVolume may say, also inside the VolumeAttachment of a Pod's own volume.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistent-volumes
 */
import type { ErrorList, Path } from '../field-errors';
import { integerValue, parseQuantity } from '../quantity';
import { givenEmpty } from '../schema/go-form';
import { oneOf, requirePresent } from '../validation/checks';
import { validateNodeSelector } from '../validation/label-selectors';
import { check, dnsSubdomain } from '../validation/names';
import { VOLUME_MODES, validateAccessModes } from './claim-spec';
import { persistentSources } from './pod/volume-sources';

const ONE_TYPE = 'may not specify more than 1 volume type';
const NOT_INLINE = 'may not be specified in the context of inline volumes';

export function validateVolumeSpec(
  spec: any,
  path: Path,
  errors: ErrorList,
  options: { readonly inline?: boolean } = {},
): void {
  if (options.inline) validateInline(spec, path, errors);
  requirePresent(spec.accessModes, path.child('accessModes'), errors);
  validateAccessModes(spec.accessModes, path.child('accessModes'), errors);
  if (!options.inline) validateCapacity(spec, path.child('capacity'), errors);
  const policy = spec.persistentVolumeReclaimPolicy;
  const reclaim = path.child('persistentVolumeReclaimPolicy');
  if (policy) {
    oneOf(policy, ['Delete', 'Recycle', 'Retain'], reclaim, errors);
    if (options.inline && policy !== 'Retain') {
      errors.forbidden(reclaim, 'may only be "Retain" in the context of inline volumes');
    }
  }
  if (spec.nodeAffinity) {
    validateAffinity(spec.nodeAffinity, path.child('nodeAffinity'), errors);
    if (options.inline) errors.forbidden(path.child('nodeAffinity'), NOT_INLINE);
  }
  validateSource(spec, path, errors);
  if (spec.hostPath && /^\/+(\.?\/*)*$/.test(spec.hostPath.path ?? '') && policy === 'Recycle') {
    errors.forbidden(reclaim, "may not be 'recycle' for a hostPath mount of '/'");
  }
  validateClasses(spec, path, errors, options);
}

function validateClasses(spec: any, path: Path, errors: ErrorList, options: { readonly inline?: boolean }): void {
  if (spec.storageClassName) {
    if (options.inline) errors.forbidden(path.child('storageClassName'), NOT_INLINE);
    else check(spec.storageClassName, dnsSubdomain, path.child('storageClassName'), errors);
  }
  if (spec.volumeMode !== undefined) {
    if (options.inline) errors.forbidden(path.child('volumeMode'), NOT_INLINE);
    else oneOf(spec.volumeMode, VOLUME_MODES, path.child('volumeMode'), errors);
  }
  const { volumeAttributesClassName: name, csi } = spec;
  if (name === undefined) return;
  const at = path.child('volumeAttributesClassName');
  if (name === '') errors.required(at, 'an empty string is disallowed');
  else check(name, dnsSubdomain, at, errors);
  if (!csi) errors.required(path.child('csi'), 'has to be specified when using volumeAttributesClassName');
  if (options.inline) errors.forbidden(at, NOT_INLINE);
}

function validateInline(spec: any, path: Path, errors: ErrorList): void {
  if (spec.claimRef) errors.forbidden(path.child('claimRef'), NOT_INLINE);
  if (Object.keys(spec.capacity ?? {}).length > 0) errors.forbidden(path.child('capacity'), NOT_INLINE);
  requirePresent(spec.csi, path.child('csi'), errors, 'has to be specified in the context of inline volumes');
}

function validateCapacity(spec: any, path: Path, errors: ErrorList): void {
  const capacity: Record<string, string> | undefined = spec.capacity;
  const names = Object.keys(capacity ?? {});
  if (names.length === 0) errors.required(path);
  if (names.length !== 1 || names[0] !== 'storage')
    errors.notSupported(path, capacity ?? givenEmpty(spec, 'capacity'), ['storage']);
  for (const name of names) {
    const quantity = parseQuantity(capacity![name]!);
    const at = path.key(name);
    if (quantity.nano < 0n) errors.invalid(at, integerValue(quantity), 'must be a valid resource quantity');
    if (quantity.nano <= 0n) errors.invalid(at, quantity.text, 'must be greater than zero');
  }
}

function validateAffinity({ required }: any, path: Path, errors: ErrorList): void {
  if (required) validateNodeSelector(required, path.child('required'), errors);
  else errors.required(path.child('required'), 'must specify required node constraints');
}

function validateSource(spec: any, path: Path, errors: ErrorList): void {
  let found = 0;
  for (const kind in persistentSources) {
    const source = spec[kind];
    if (source === undefined || source === null) continue;
    const { rule, path: name = kind, conflictPath = kind } = persistentSources[kind]!;
    if (found > 0 && kind !== 'flexVolume') errors.forbidden(path.child(conflictPath), ONE_TYPE);
    else {
      rule(source, path.child(name), errors);
      if (kind === 'local' && !spec.nodeAffinity) {
        errors.required(path.child('nodeAffinity'), 'Local volume requires node affinity');
      }
    }
    found++;
  }
  if (found === 0) errors.required(path, 'must specify a volume type');
}
