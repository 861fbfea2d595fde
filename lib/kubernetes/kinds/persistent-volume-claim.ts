/** PersistentVolumeClaims: a wish for storage. https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */

import { semanticEqual } from '../equality';
import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { integerValue, parseQuantity } from '../quantity';
import { printDiff } from '../validation/internal-diff';
import { immutable } from '../validation/object-meta';
import { age } from './cells';
import { validateClaimSpec } from './claim-spec';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';
import { applyClaimSpecDefaults } from './pod/defaults';
import { warnOfFraction } from './pod/warnings';

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

const SPEC = root('spec');
const SPEC_TYPE = 'io.k8s.api.core.v1.PersistentVolumeClaimSpec';
const IMMUTABLE_SPEC =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

function validateUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validateClaimSpec(next.spec, SPEC, errors);
  const before = { ...old.spec };
  const after = { ...next.spec };
  // The binder writes the volume's name, once; a class may be given to a claim without one.
  if (!before.volumeName) before.volumeName = after.volumeName;
  validateClass(next, old, { before, after }, errors);
  if (next.status?.phase === 'Bound') {
    const storage = before.resources?.requests?.storage;
    if (after.resources?.requests)
      after.resources = { ...after.resources, requests: { ...after.resources.requests, storage } };
    if (after.volumeAttributesClassName !== undefined)
      after.volumeAttributesClassName = before.volumeAttributesClassName;
  }
  if (!semanticEqual(after, before))
    errors.forbidden(SPEC, `${IMMUTABLE_SPEC}\n${printDiff(SPEC_TYPE, before, after)}`);
  const size = (amount: string | undefined) => parseQuantity(amount ?? '0').nano;
  const wanted = size(next.spec.resources?.requests?.storage);
  if (wanted < size(old.spec.resources?.requests?.storage) && wanted <= size(old.status?.capacity?.storage)) {
    const at = SPEC.child('resources').child('requests').child('storage');
    errors.forbidden(at, 'field can not be less than status.capacity');
  }
  immutable(next.spec.volumeMode, old.spec.volumeMode, root('volumeMode'), errors);
  const [was, is] = [old.spec.volumeAttributesClassName, next.spec.volumeAttributesClassName];
  if (was === undefined || is === was) return;
  const at = SPEC.child('volumeAttributesClassName');
  if (is === undefined) errors.forbidden(at, 'update from non-nil value to nil is forbidden');
  else if (is === '') errors.forbidden(at, 'update from non-nil value to an empty string is forbidden');
}

interface Specs {
  readonly before: any;
  readonly after: any;
}

function validateClass(
  next: KubernetesObject,
  old: KubernetesObject,
  { before, after }: Specs,
  errors: ErrorList,
): void {
  const annotated = old.metadata.annotations?.[CLASS_ANNOTATION];
  const annotation = next.metadata.annotations?.[CLASS_ANNOTATION];
  const moved =
    annotated !== undefined &&
    before.storageClassName === undefined &&
    after.storageClassName === annotated &&
    (annotation === undefined || annotation === annotated);
  if (moved) {
    delete after.storageClassName;
    return;
  }
  if ((annotation ?? '') !== (annotated ?? '')) {
    const at = root('metadata').child('annotations').child(CLASS_ANNOTATION);
    errors.invalid(at, annotation ?? '', 'field is immutable');
  }
  const given = after.storageClassName !== undefined && before.storageClassName === undefined;
  if (given && (annotated === undefined || annotated === after.storageClassName)) delete after.storageClassName;
}

function validateStatus(next: KubernetesObject, errors: ErrorList): void {
  const { capacity, allocatedResources } = next.status ?? {};
  for (const [list, amounts] of [
    ['capacity', capacity],
    ['allocatedResources', allocatedResources],
  ] as const) {
    for (const name in amounts) {
      const value = integerValue(parseQuantity(amounts[name]));
      const at = root('status').child(list).key(name);
      if (value < 0) errors.invalid(at, value, 'must be a valid resource quantity');
    }
  }
}

function claimWarnings({ metadata, spec }: KubernetesObject): string[] {
  const warnings: string[] = [];
  if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined) {
    const rule = 'deprecated since v1.8; use "storageClassName" attribute instead';
    warnings.push(`metadata.annotations[${CLASS_ANNOTATION}]: ${rule}`);
  }
  warnOfFraction(spec.resources?.requests?.storage, () => 'spec.resources.requests[storage]', warnings);
  warnOfFraction(spec.resources?.limits?.storage, () => 'spec.resources.limits[storage]', warnings);
  return warnings;
}

export const persistentVolumeClaim = defineKind({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  resource: 'persistentvolumeclaims',
  defaults: ({ spec }) => applyClaimSpecDefaults(spec),
  status: { initial: () => ({ phase: 'Pending' }), validate: (next, _old, errors) => validateStatus(next, errors) },
  validate: ({ spec }, errors) => validateClaimSpec(spec, SPEC, errors),
  validateUpdate,
  warnings: claimWarnings,
  prepareForCreate: alignDataSources,
  cells: (object, context) => {
    const { metadata, spec = {}, status = {} } = object;
    const bound = spec.volumeName ? status : {};
    return [
      metadata.name!,
      metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating',
      spec.volumeName ?? '',
      spec.volumeName ? (bound.capacity?.storage ?? '0') : '',
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
