/**
 * Environment variables of a container, and where their values come from.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
 */
import type { ErrorList, Path } from '../../field-errors';
import { requirePresent } from '../../validation/checks';
import { check, configMapKey, dnsSubdomain, environmentVariableName, nameIsSubdomain } from '../../validation/names';
import { validateVolumeFilePath } from '../../validation/paths';
import { ENVIRONMENT_FIELDS, validateFieldReference, validateResourceReference } from './references';

const ONE_SOURCE =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
const ONLY_ONE_FIELD = 'may not have more than one field specified at a time';

export function validateEnvironment(variables: any[] | undefined, path: Path, errors: ErrorList): void {
  if (!variables) return;
  for (let i = 0; i < variables.length; i++) {
    const { name, value, valueFrom } = variables[i];
    const at = path.index(i);
    if (requirePresent(name, at.child('name'), errors)) check(name, environmentVariableName, at.child('name'), errors);
    if (valueFrom) validateSource(valueFrom, value, at.child('valueFrom'), errors);
  }
}

function validateSource(from: any, value: string | undefined, path: Path, errors: ErrorList): void {
  let found = 0;
  if (from.fieldRef) {
    found++;
    validateFieldReference(from.fieldRef, ENVIRONMENT_FIELDS, path.child('fieldRef'), errors);
  }
  if (from.resourceFieldRef) {
    found++;
    validateResourceReference(from.resourceFieldRef, path.child('resourceFieldRef'), errors, { volume: false });
  }
  for (const kind of ['configMapKeyRef', 'secretKeyRef'] as const) {
    if (!from[kind]) continue;
    found++;
    validateKeyReference(from[kind], path.child(kind), errors);
  }
  if (from.fileKeyRef) {
    found++;
    validateFileReference(from.fileKeyRef, path.child('fileKeyRef'), errors);
  }
  if (found === 0) errors.invalid(path, '', ONE_SOURCE);
  else if (value) errors.invalid(path, '', 'may not be specified when `value` is not empty');
  else if (found > 1) errors.invalid(path, '', ONLY_ONE_FIELD);
}

function validateKeyReference({ name = '', key }: any, path: Path, errors: ErrorList): void {
  check(name, dnsSubdomain, path.child('name'), errors);
  if (requirePresent(key, path.child('key'), errors)) check(key, configMapKey, path.child('key'), errors);
}

function validateFileReference({ volumeName, path: file, key }: any, path: Path, errors: ErrorList): void {
  if (requirePresent(volumeName, path.child('volumeName'), errors)) {
    check(volumeName, dnsSubdomain, path.child('volumeName'), errors);
  }
  if (requirePresent(file, path.child('path'), errors)) validateVolumeFilePath(file, path.child('path'), errors);
  if (requirePresent(key, path.child('key'), errors)) check(key, environmentVariableName, path.child('key'), errors);
}

export function validateEnvironmentFrom(sources: any[] | undefined, path: Path, errors: ErrorList): void {
  sources?.forEach((source, i) => {
    const at = path.index(i);
    if (source.prefix) check(source.prefix, environmentVariableName, at.child('prefix'), errors);
    let found = 0;
    for (const kind of ['configMapRef', 'secretRef'] as const) {
      if (!source[kind]) continue;
      found++;
      const name = at.child(kind).child('name');
      if (requirePresent(source[kind].name, name, errors)) {
        for (const message of nameIsSubdomain(source[kind].name, true))
          errors.invalid(name, source[kind].name, message);
      }
    }
    if (found === 0) errors.invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`');
    else if (found > 1) errors.invalid(path, '', ONLY_ONE_FIELD);
  });
}
