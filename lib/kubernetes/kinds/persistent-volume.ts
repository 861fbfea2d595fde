/** PersistentVolumes: storage that is there. https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */
import { formatTime } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { formatAccessModes, storageClassOf } from './persistent-volume-claim';
import { applyLegacyVolumeDefaults, roundToMilli } from './pod/defaults';

function defaults({ spec, status }: Draft): void {
  if (status && !status.phase) status.phase = 'Pending';
  if (!spec.persistentVolumeReclaimPolicy) spec.persistentVolumeReclaimPolicy = 'Retain';
  spec.volumeMode ??= 'Filesystem';
  roundToMilli(spec.capacity);
  if (spec.hostPath) spec.hostPath.type ??= '';
  applyLegacyVolumeDefaults(spec);
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
