/**
 * Paths inside volumes and containers, which must not lead out of them.
 * https://kubernetes.io/docs/concepts/storage/volumes/
 */
import type { ErrorList, Path } from '../field-errors';

/** No `..` between slashes. */
export function validateNoBacksteps(target: string, path: Path, errors: ErrorList): void {
  if (target.includes('..') && target.split('/').includes('..')) errors.invalid(path, target, "must not contain '..'");
}

/** Relative, and without steps back. */
export function validateDescendingPath(target: string, path: Path, errors: ErrorList): void {
  if (target.startsWith('/')) errors.invalid(path, target, 'must be a relative path');
  validateNoBacksteps(target, path, errors);
}

/** Relative, without steps back, and not beginning with the two dots that kubelets use for themselves. */
export function validateVolumeFilePath(target: string, path: Path, errors: ErrorList): void {
  validateDescendingPath(target, path, errors);
  if (target.startsWith('..') && !target.startsWith('../')) errors.invalid(path, target, "must not start with '..'");
}

/** A file mode of at most 0777. */
export function validateFileMode(mode: number | undefined, path: Path, errors: ErrorList): void {
  if (mode !== undefined && (mode < 0 || mode > 511)) {
    errors.invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive');
  }
}
