/** StorageClasses: kinds of storage that are made on demand. https://kubernetes.io/docs/concepts/storage/storage-classes/ */

import { semanticEqual } from '../equality';
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { oneOf, requirePresent } from '../validation/checks';
import { check, qualifiedName } from '../validation/names';
import { immutable } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';
import { labelDeprecation } from './pod/warnings';
import { validateParameters, validateProvisioner } from './storage-parameters';

const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

function validate(object: KubernetesObject, errors: ErrorList): void {
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies } = object;
  validateProvisioner(provisioner, root('provisioner'), errors);
  validateParameters(parameters, { required: false }, root('parameters'), errors);
  if (reclaimPolicy) oneOf(reclaimPolicy, ['Delete', 'Retain'], root('reclaimPolicy'), errors);
  oneOf(volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'], root('volumeBindingMode'), errors);
  validateTopologies(allowedTopologies, root('allowedTopologies'), errors);
}

function validateTopologies(terms: readonly any[] | undefined, path: Path, errors: ErrorList): void {
  const seen = new Set<string>();
  terms?.forEach((term, i) => {
    const at = path.index(i).child('matchLabelExpressions');
    validateTopology(term.matchLabelExpressions, at, errors);
    const fingerprint = topologyFingerprint(term.matchLabelExpressions ?? []);
    if (seen.has(fingerprint)) errors.duplicate(at, '');
    seen.add(fingerprint);
  });
}

function validateTopology(expressions: readonly any[] | undefined, path: Path, errors: ErrorList): void {
  const keys = new Set<string>();
  expressions?.forEach(({ key = '', values }, i) => {
    const at = path.index(i);
    requirePresent(values, at.child('values'), errors);
    const seen = new Set<string>();
    values?.forEach((value: string, j: number) => {
      if (seen.has(value)) errors.duplicate(at.child('values').index(j), value);
      seen.add(value);
    });
    check(key, qualifiedName, at.child('key'), errors);
    if (keys.has(key)) errors.duplicate(at.child('key'), key);
    keys.add(key);
  });
}

/** The same text for terms that mean the same. */
function topologyFingerprint(expressions: readonly any[]): string {
  const sets = expressions.map(({ key, values }): [string, string[]] => [key, [...new Set<string>(values)].sort()]);
  return JSON.stringify(sets.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function validateUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy']) {
    if (!semanticEqual(next[field], old[field])) errors.forbidden(root(field), `updates to ${field} are forbidden.`);
  }
  immutable(next.volumeBindingMode, old.volumeBindingMode, root('volumeBindingMode'), errors);
}

function warnings({ allowedTopologies }: KubernetesObject): string[] {
  const found: string[] = [];
  allowedTopologies?.forEach((term: any, i: number) => {
    term.matchLabelExpressions?.forEach(({ key }: any, j: number) => {
      const path = root('allowedTopologies').index(i).child('matchLabelExpressions').index(j).child('key');
      const deprecation = labelDeprecation(key);
      if (deprecation) found.push(`${path}: ${deprecation}`);
    });
  });
  return found;
}

export const storageClass = defineKind({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  resource: 'storageclasses',
  namespaced: false,
  defaults: (draft) => {
    draft.reclaimPolicy ??= 'Delete';
    draft.volumeBindingMode ??= 'Immediate';
  },
  validate,
  validateUpdate,
  warnings,
  cells: (object, context) => {
    const { name, annotations } = object.metadata;
    const isDefault = DEFAULT_CLASS.some((key) => annotations?.[key] === 'true');
    return [
      isDefault ? `${name} (default)` : name!,
      object.provisioner ?? '',
      object.reclaimPolicy ?? 'Delete',
      object.volumeBindingMode ?? '<unset>',
      object.allowVolumeExpansion ?? false,
      age(object, context),
    ];
  },
});
