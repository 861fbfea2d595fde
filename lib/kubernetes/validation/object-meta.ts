/**
 * The rules that the metadata of every object obeys, when it is created and when it is updated.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
import { semanticEqual } from '../equality';
import { type ErrorList, type Path, quote, root } from '../field-errors';
import type { KubernetesObject, ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../object';
import { parseApiVersion } from '../object';
import { byteLength, check, dnsLabel, labelValue, type NameRule, qualifiedName } from './names';

const METADATA = root('metadata');
const LABELS = METADATA.child('labels');
const ANNOTATIONS = METADATA.child('annotations');
const FINALIZERS = METADATA.child('finalizers');

/** All annotations of an object together, keys and values: 256 KiB. */
const MAX_ANNOTATION_BYTES = 256 * 1024;

export const IMMUTABLE = 'field is immutable';

export interface ObjectMetaRules {
  readonly namespaced: boolean;
  readonly nameRule: NameRule;
}

const NONE: ObjectMeta = {};

export function validateObjectMeta(
  metadata: ObjectMeta,
  rules: ObjectMetaRules,
  errors: ErrorList,
  path: Path = METADATA,
  /** Of the stored object: what is the very same labels, owners, ... there was checked when it was stored. */
  stored: ObjectMeta = NONE,
): void {
  const { name, generateName, namespace } = metadata;
  if (generateName) {
    for (const message of rules.nameRule(generateName, true)) {
      errors.invalid(path.child('generateName'), generateName, message);
    }
  }
  if (!name) errors.required(path.child('name'), 'name or generateName is required');
  else for (const message of rules.nameRule(name, false)) errors.invalid(path.child('name'), name, message);
  if (rules.namespaced) {
    if (!namespace) errors.required(path.child('namespace'));
    else check(namespace, dnsLabel, path.child('namespace'), errors);
  } else if (namespace) {
    errors.forbidden(path.child('namespace'), 'not allowed on this type');
  }
  const own = path === METADATA;
  if ((metadata.generation ?? 0) < 0) nonNegative(metadata.generation!, path.child('generation'), errors);
  if (metadata.labels !== stored.labels) validateLabels(metadata.labels, own ? LABELS : path.child('labels'), errors);
  if (metadata.annotations !== stored.annotations) {
    validateAnnotations(metadata.annotations, own ? ANNOTATIONS : path.child('annotations'), errors);
  }
  if (metadata.ownerReferences !== stored.ownerReferences) {
    validateOwnerReferences(metadata.ownerReferences, path, errors);
  }
  validateFinalizers(metadata.finalizers, own ? FINALIZERS : path.child('finalizers'), errors);
  validateManagedFields(metadata.managedFields, path, errors);
}

export function validateObjectMetaUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  const after = next.metadata;
  const before = old.metadata;
  if (before.deletionTimestamp !== undefined) {
    const extra = (after.finalizers ?? []).filter((finalizer) => !before.finalizers?.includes(finalizer)).sort();
    if (extra.length > 0) {
      const found = `[]string{${extra.map(quote).join(', ')}}`;
      const rule = 'no new finalizers can be added if the object is being deleted, found new finalizers';
      errors.forbidden(FINALIZERS, `${rule} ${found}`);
    }
  }
  if (!after.resourceVersion) {
    errors.invalid(METADATA.child('resourceVersion'), after.resourceVersion ?? '', 'must be specified for an update');
  }
  const generation = after.generation ?? 0;
  nonNegative(generation, METADATA.child('generation'), errors);
  if (generation < (before.generation ?? 0)) {
    errors.invalid(METADATA.child('generation'), generation, 'must not be decremented');
  }
  immutable(after.name ?? '', before.name ?? '', METADATA.child('name'), errors);
  immutable(after.namespace ?? '', before.namespace ?? '', METADATA.child('namespace'), errors);
  immutable(after.uid ?? '', before.uid ?? '', METADATA.child('uid'), errors);
  immutable(after.creationTimestamp, before.creationTimestamp, METADATA.child('creationTimestamp'), errors);
  immutable(after.deletionTimestamp, before.deletionTimestamp, METADATA.child('deletionTimestamp'), errors);
  const grace = METADATA.child('deletionGracePeriodSeconds');
  immutable(after.deletionGracePeriodSeconds, before.deletionGracePeriodSeconds, grace, errors);
  if (after.labels !== before.labels) validateLabels(after.labels, LABELS, errors);
  if (after.annotations !== before.annotations) validateAnnotations(after.annotations, ANNOTATIONS, errors);
  if (after.ownerReferences !== before.ownerReferences) {
    validateOwnerReferences(after.ownerReferences, METADATA, errors);
  }
  validateManagedFields(after.managedFields, METADATA, errors);
}

/** Complains when a field that cannot change did. */
export function immutable(next: unknown, old: unknown, path: Path, errors: ErrorList): void {
  if (!semanticEqual(next, old)) errors.invalid(path, next, IMMUTABLE);
}

export function nonNegative(value: number, path: Path, errors: ErrorList): void {
  if (value < 0) errors.invalid(path, value, 'must be greater than or equal to 0');
}

export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: Path,
  errors: ErrorList,
): void {
  for (const key in labels) {
    check(key, qualifiedName, path, errors);
    check(labels[key]!, labelValue, path, errors);
  }
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: Path,
  errors: ErrorList,
): void {
  let bytes = 0;
  for (const key in annotations) {
    // The case of an annotation's key does not matter.
    for (const message of qualifiedName(key.toLowerCase())) errors.invalid(path, key, message);
    bytes += byteLength(key) + byteLength(annotations[key]!);
  }
  if (bytes > MAX_ANNOTATION_BYTES) errors.tooLong(path, MAX_ANNOTATION_BYTES);
}

function validateOwnerReferences(
  owners: readonly OwnerReference[] | undefined,
  metadata: Path,
  errors: ErrorList,
): void {
  if (!owners?.length) return;
  const path = metadata.child('ownerReferences');
  let controller: OwnerReference | undefined;
  for (const owner of owners) {
    validateOwnerReference(owner, path, errors);
    if (owner.controller !== true) continue;
    if (controller) {
      const names = `${controller.kind}/${controller.name} and ${owner.kind}/${owner.name}`;
      const rule = 'Only one reference can have Controller set to true. Found "true" in references for';
      errors.invalid(path, owners.map(printedOwner), `${rule} ${names}`);
    } else {
      controller = owner;
    }
  }
}

function validateOwnerReference(owner: OwnerReference, path: Path, errors: ErrorList): void {
  const { apiVersion = '', kind = '', name = '', uid = '' } = owner;
  const isParsable = apiVersion.split('/').length <= 2;
  const { group, version } = isParsable ? parseApiVersion(apiVersion) : { group: '', version: '' };
  if (version === '') errors.invalid(path.child('apiVersion'), apiVersion, 'version must not be empty');
  if (kind === '') errors.invalid(path.child('kind'), kind, 'must not be empty');
  if (name === '') errors.invalid(path.child('name'), name, 'must not be empty');
  if (uid === '') errors.invalid(path.child('uid'), uid, 'must not be empty');
  if (group === '' && version === 'v1' && kind === 'Event') {
    errors.invalid(path, printedOwner(owner), '/v1, Kind=Event is disallowed from being an owner');
  }
}

/** The fields in the order in which the server prints them. */
const printedOwner = ({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: OwnerReference) => ({
  apiVersion,
  kind,
  name,
  uid,
  controller,
  blockOwnerDeletion,
});

export function validateFinalizers(finalizers: readonly string[] | undefined, path: Path, errors: ErrorList): void {
  if (!finalizers?.length) return;
  for (const finalizer of finalizers) check(finalizer, qualifiedName, path, errors);
  if (finalizers.includes('foregroundDeletion') && finalizers.includes('orphan')) {
    errors.invalid(path, finalizers, 'finalizer foregroundDeletion and orphan cannot be both set');
  }
}

function validateManagedFields(
  entries: readonly ManagedFieldsEntry[] | undefined,
  metadata: Path,
  errors: ErrorList,
): void {
  if (!entries?.length) return;
  for (let i = 0; i < entries.length; i++) {
    const { operation, fieldsType, manager, subresource } = entries[i]!;
    const at = () => metadata.child('managedFields').index(i);
    if (operation !== 'Apply' && operation !== 'Update') {
      errors.invalid(at().child('operation'), operation ?? '', 'must be `Apply` or `Update`');
    }
    if (fieldsType && fieldsType !== 'FieldsV1') {
      errors.invalid(at().child('fieldsType'), fieldsType, 'must be `FieldsV1`');
    }
    if (manager) validateFieldManager(manager, at().child('manager'), errors);
    if (subresource && subresource.length > 256) errors.tooLong(at().child('subresource'), 256);
  }
}

/** A field manager's name: at most 128 bytes, printable. */
export function validateFieldManager(manager: string, path: Path, errors: ErrorList): void {
  if (/^[\x20-\x7e]{0,128}$/.test(manager)) return;
  if (byteLength(manager) > 128) errors.tooLong(path, 128);
  let position = 0;
  for (const character of manager) {
    if (/[^\P{C}]|[^\P{Z} ]/u.test(character)) {
      const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      errors.invalid(path, manager, `invalid character U+${code} (at position ${position})`);
    }
    position += byteLength(character);
  }
}

/** The stricter rule of Kubernetes' own kinds: a finalizer is well known or carries a domain. */
export function validateKubernetesFinalizers(
  finalizers: readonly string[] | undefined,
  path: Path,
  errors: ErrorList,
): void {
  finalizers?.forEach((finalizer, i) => {
    if (finalizer.includes('/') || standardFinalizers.has(finalizer)) return;
    errors.invalid(path.index(i), finalizer, 'name is neither a standard finalizer name nor is it fully qualified');
  });
}

const standardFinalizers: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);
