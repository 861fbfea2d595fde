/** PersistentVolumes: storage that is there. https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */

import { semanticEqual } from '../equality';
import { type ErrorList, type Path, root } from '../field-errors';
import { formatTime, type KubernetesObject } from '../object';
import { integerValue, parseQuantity } from '../quantity';
import { oneOf, requirePresent } from '../validation/checks';
import { printStruct } from '../validation/go-structs';
import { validateNodeSelector } from '../validation/label-selectors';
import { check, dnsSubdomain } from '../validation/names';
import { immutable } from '../validation/object-meta';
import { age } from './cells';
import { VOLUME_MODES, validateAccessModes } from './claim-spec';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { formatAccessModes, storageClassOf } from './persistent-volume-claim';
import { applyLegacyVolumeDefaults, roundToMilli } from './pod/defaults';
import { printPodDiff } from './pod/pod-diff';
import { persistentSources } from './pod/volume-sources';
import { deadVolumeWarnings, labelDeprecation, newLabel } from './pod/warnings';

function defaults({ spec, status }: Draft): void {
  if (status && !status.phase) status.phase = 'Pending';
  if (!spec.persistentVolumeReclaimPolicy) spec.persistentVolumeReclaimPolicy = 'Retain';
  spec.volumeMode ??= 'Filesystem';
  roundToMilli(spec.capacity);
  if (spec.hostPath) spec.hostPath.type ??= '';
  applyLegacyVolumeDefaults(spec);
}

const SPEC = root('spec');
const ONE_TYPE = 'may not specify more than 1 volume type';

function validate({ spec }: KubernetesObject, errors: ErrorList): void {
  requirePresent(spec.accessModes, SPEC.child('accessModes'), errors);
  validateAccessModes(spec.accessModes, SPEC.child('accessModes'), errors);
  validateCapacity(spec.capacity, errors);
  const policy = spec.persistentVolumeReclaimPolicy;
  const reclaim = SPEC.child('persistentVolumeReclaimPolicy');
  if (policy) oneOf(policy, ['Delete', 'Recycle', 'Retain'], reclaim, errors);
  if (spec.nodeAffinity) validateAffinity(spec.nodeAffinity, SPEC.child('nodeAffinity'), errors);
  validateSource(spec, errors);
  if (spec.hostPath && /^\/+(\.?\/*)*$/.test(spec.hostPath.path ?? '') && policy === 'Recycle') {
    errors.forbidden(reclaim, "may not be 'recycle' for a hostPath mount of '/'");
  }
  if (spec.storageClassName) check(spec.storageClassName, dnsSubdomain, SPEC.child('storageClassName'), errors);
  if (spec.volumeMode !== undefined) oneOf(spec.volumeMode, VOLUME_MODES, SPEC.child('volumeMode'), errors);
  validateAttributes(spec, errors);
}

function validateCapacity(capacity: Record<string, string> | undefined, errors: ErrorList): void {
  const at = SPEC.child('capacity');
  const names = Object.keys(capacity ?? {});
  if (names.length === 0) errors.required(at);
  if (names.length !== 1 || names[0] !== 'storage') errors.notSupported(at, capacity, ['storage']);
  for (const name of names) {
    const quantity = parseQuantity(capacity![name]!);
    if (quantity.nano < 0n) errors.invalid(at.key(name), integerValue(quantity), 'must be a valid resource quantity');
    if (quantity.nano <= 0n) errors.invalid(at.key(name), quantity.text, 'must be greater than zero');
  }
}

function validateAffinity({ required }: any, path: Path, errors: ErrorList): void {
  if (required) validateNodeSelector(required, path.child('required'), errors);
  else errors.required(path.child('required'), 'must specify required node constraints');
}

function validateSource(spec: any, errors: ErrorList): void {
  let found = 0;
  for (const kind in persistentSources) {
    const source = spec[kind];
    if (source === undefined || source === null) continue;
    const { rule, path = kind, conflictPath = kind } = persistentSources[kind]!;
    if (found > 0 && kind !== 'flexVolume') errors.forbidden(SPEC.child(conflictPath), ONE_TYPE);
    else {
      rule(source, SPEC.child(path), errors);
      if (kind === 'local' && !spec.nodeAffinity) {
        errors.required(SPEC.child('nodeAffinity'), 'Local volume requires node affinity');
      }
    }
    found++;
  }
  if (found === 0) errors.required(SPEC, 'must specify a volume type');
}

function validateAttributes({ volumeAttributesClassName: name, csi }: any, errors: ErrorList): void {
  if (name === undefined) return;
  const at = SPEC.child('volumeAttributesClassName');
  if (name === '') errors.required(at, 'an empty string is disallowed');
  else check(name, dnsSubdomain, at, errors);
  if (!csi) errors.required(SPEC.child('csi'), 'has to be specified when using volumeAttributesClassName');
}

function validateUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validate(next, errors);
  const sources = ({ spec }: KubernetesObject) =>
    Object.fromEntries(Object.keys(persistentSources).map((kind) => [kind, spec[kind]]));
  const before = sources(old);
  const after = sources(next);
  // This secret may be added later, once.
  if (before.csi && !before.csi.controllerExpandSecretRef && after.csi?.controllerExpandSecretRef) {
    after.csi = { ...after.csi, controllerExpandSecretRef: undefined };
  }
  if (!semanticEqual(after, before)) {
    const rule = 'spec.persistentvolumesource is immutable after creation';
    errors.forbidden(SPEC.child('persistentvolumesource'), `${rule}\n${printPodDiff(before, after)}`);
  }
  immutable(next.spec.volumeMode, old.spec.volumeMode, root('volumeMode'), errors);
  const affinity = next.spec.nodeAffinity;
  if (old.spec.nodeAffinity && !semanticEqual(withNewLabels(affinity), withNewLabels(old.spec.nodeAffinity))) {
    const shown = printStruct(affinityStruct, affinity);
    const rule = 'field is immutable, except for updating from beta label to GA';
    errors.invalid(root('nodeAffinity'), affinity ? shown : null, rule);
  }
  if (old.spec.volumeAttributesClassName !== undefined && next.spec.volumeAttributesClassName === undefined) {
    errors.forbidden(SPEC.child('volumeAttributesClassName'), 'update from non-nil value to nil is forbidden');
  }
}

const requirementStruct = { Key: ['key', ''], Operator: ['operator', ''], Values: ['values', null] } as const;
const termStruct = {
  MatchExpressions: ['matchExpressions', null, requirementStruct],
  MatchFields: ['matchFields', null, requirementStruct],
} as const;
const affinityStruct = {
  Required: ['required', null, { NodeSelectorTerms: ['nodeSelectorTerms', null, termStruct] }],
} as const;

/** The affinity with old labels in their new spelling, for comparison. */
function withNewLabels(affinity: any): any {
  return affinity && JSON.parse(JSON.stringify(affinity), (key, value) => (key === 'key' ? newLabel(value) : value));
}

export const persistentVolume = defineKind({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  resource: 'persistentvolumes',
  namespaced: false,
  defaults,
  status: {
    initial: () => ({ phase: 'Pending' }),
    prepare: (next, old, { now }) => {
      const { status } = next;
      if (!status) return;
      if (status.phase !== old.status?.phase) {
        // A phase that a client dates itself keeps that date.
        const dated = status.lastPhaseTransitionTime !== old.status?.lastPhaseTransitionTime;
        if (!dated || !status.lastPhaseTransitionTime) status.lastPhaseTransitionTime = formatTime(now);
      }
    },
  },
  prepareForCreate: (draft, { now }) => {
    draft.status.lastPhaseTransitionTime = formatTime(now);
  },
  validate,
  validateUpdate,
  warnings: volumeWarnings,
  selectableFields: { name: (object) => object.metadata.name ?? '' },
  cells: (object, context) => {
    const { metadata, spec = {}, status = {} } = object;
    return [
      metadata.name!,
      spec.capacity?.storage ?? '0',
      formatAccessModes(spec.accessModes),
      spec.persistentVolumeReclaimPolicy ?? '',
      metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating',
      spec.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '',
      storageClassOf(object),
      spec.volumeAttributesClassName ?? '<unset>',
      status.reason ?? '',
      age(object, context),
      spec.volumeMode ?? '<unset>',
    ];
  },
});

function volumeWarnings({ metadata, spec }: KubernetesObject): string[] {
  const warnings: string[] = [];
  const annotations = metadata.annotations ?? {};
  const replaced: readonly (readonly [string, string])[] = [
    ['volume.beta.kubernetes.io/storage-class', 'deprecated since v1.8; use "storageClassName" attribute instead'],
    ['volume.beta.kubernetes.io/mount-options', 'deprecated since v1.31; use "mountOptions" attribute instead'],
  ];
  for (const [key, text] of replaced) {
    if (annotations[key] !== undefined) warnings.push(`metadata.annotations[${key}]: ${text}`);
  }
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const rule =
      'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.';
    warnings.push(`spec.persistentVolumeReclaimPolicy: ${rule}`);
  }
  for (const term of spec.nodeAffinity?.required?.nodeSelectorTerms ?? []) {
    for (const [i, { key }] of (term.matchExpressions ?? []).entries()) {
      const deprecation = labelDeprecation(key);
      const at = `spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[${i}].key`;
      if (deprecation) warnings.push(`${at}: ${key} is ${deprecation}`);
    }
  }
  warnings.push(...deadVolumeWarnings(spec, 'spec'));
  return warnings;
}
