/** PersistentVolumes: storage that is there. https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */

import { semanticEqual } from '../equality';
import { type ErrorList, root } from '../field-errors';
import { formatTime, type KubernetesObject } from '../object';
import { printStruct } from '../validation/go-structs';
import { printDiff } from '../validation/internal-diff';
import { immutable } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { formatAccessModes, storageClassOf } from './persistent-volume-claim';
import { applyLegacyVolumeDefaults, roundToMilli } from './pod/defaults';
import { persistentSources } from './pod/volume-sources';
import { deadVolumeWarnings, labelDeprecation, newLabel } from './pod/warnings';
import { validateVolumeSpec } from './volume-spec';

function defaults({ spec, status }: Draft): void {
  if (status && !status.phase) status.phase = 'Pending';
  if (!spec.persistentVolumeReclaimPolicy) spec.persistentVolumeReclaimPolicy = 'Retain';
  spec.volumeMode ??= 'Filesystem';
  roundToMilli(spec.capacity);
  if (spec.hostPath) spec.hostPath.type ??= '';
  applyLegacyVolumeDefaults(spec);
}

const SPEC = root('spec');

const validate = ({ spec }: KubernetesObject, errors: ErrorList): void => {
  validateVolumeSpec(spec, SPEC, errors);
};

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
    errors.forbidden(
      SPEC.child('persistentvolumesource'),
      `${rule}\n${printDiff('io.k8s.api.core.v1.PersistentVolumeSource', before, after)}`,
    );
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
  metadataCheckedOnce: true,
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
