/** PersistentVolumeClaims: a wish for storage. https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */
import type { KubernetesObject } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { applyClaimSpecDefaults } from './pod/defaults';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** `dataSource` and `dataSourceRef` are two spellings of one thing, unless the latter names another namespace. */
function alignDataSources({ spec }: Draft): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { apiGroup, kind, name } = dataSourceRef;
    // Other kinds of source are only possible in the newer field.
    spec.dataSource = { ...(apiGroup === undefined ? {} : { apiGroup }), kind, name };
  }
}

export const persistentVolumeClaim = defineKind({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  resource: 'persistentvolumeclaims',
  defaults: ({ spec }) => applyClaimSpecDefaults(spec),
  status: { initial: () => ({ phase: 'Pending' }) },
  prepareForCreate: alignDataSources,
  cells: (object, context) => {
    const { metadata, spec = {}, status = {} } = object;
    const bound = spec.volumeName ? status : {};
    return [
      metadata.name!,
      metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating',
      spec.volumeName ?? '',
      bound.capacity?.storage ?? '',
      formatAccessModes(bound.accessModes),
      storageClassOf(object),
      spec.volumeAttributesClassName ?? '<unset>',
      age(object, context),
      spec.volumeMode ?? '<unset>',
    ];
  },
});

export const storageClassOf = ({ metadata, spec }: KubernetesObject): string =>
  metadata.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? '';

const shortModes: readonly (readonly [string, string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

/** `RWO,RWX` */
export function formatAccessModes(modes: readonly string[] | undefined): string {
  return shortModes
    .filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',');
}
