/**
 * What StorageClasses and VolumeAttributesClasses share: a driver and opaque parameters for it.
 * https://kubernetes.io/docs/concepts/storage/storage-classes/#parameters
 */
import type { ErrorList, Path } from '../field-errors';
import { requirePresent } from '../validation/checks';
import { byteLength, qualifiedName } from '../validation/names';

const MAX_PARAMETERS = 512;
const MAX_SIZE = 256 * 1024;

export function validateProvisioner(name: string | undefined, path: Path, errors: ErrorList): void {
  if (!requirePresent(name, path, errors)) return;
  const lower = name!.toLowerCase();
  for (const message of qualifiedName(lower)) errors.invalid(path, lower, message);
}

export function validateParameters(
  parameters: Record<string, string> | undefined,
  options: { readonly required: boolean },
  path: Path,
  errors: ErrorList,
): void {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > MAX_PARAMETERS) {
    errors.tooLong(path, MAX_PARAMETERS);
    return;
  }
  let size = 0;
  for (const [key, value] of entries) {
    if (key === '') errors.invalid(path, key, 'field can not be empty.');
    size += byteLength(key) + byteLength(value);
  }
  if (size > MAX_SIZE) errors.tooLong(path, MAX_SIZE);
  if (options.required && entries.length === 0) {
    errors.required(path, 'must contain at least one key/value pair');
  }
}
