/**
 * Checks that stand in the rules of many kinds: something must be there, be one of some words, lie in a range, be unique.
 */
import type { ErrorList, Path } from '../field-errors';
import type { IntOrString } from '../int-or-string';
import { type Messages, percent, portName, portNumber, rangeMessage } from './names';

const present = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);

/** Complains when there is nothing. Answers whether there is something. */
export function requirePresent(value: unknown, path: Path, errors: ErrorList, detail = ''): boolean {
  if (present(value)) return true;
  errors.required(path, detail);
  return false;
}

/** One of some words; the message lists them sorted, as the server keeps its sets. */
export function oneOf(value: unknown, supported: readonly string[], path: Path, errors: ErrorList): void {
  if (!supported.includes(value as string)) errors.notSupported(path, value ?? '', [...supported].sort());
}

/** One of some words; the message lists them as given. */
export function oneOfInOrder(value: unknown, supported: readonly string[], path: Path, errors: ErrorList): void {
  if (!supported.includes(value as string)) errors.notSupported(path, value ?? '', supported);
}

/** A word that must be there and be one of some. */
export function requireOneOf(value: unknown, supported: readonly string[], path: Path, errors: ErrorList): void {
  if (requirePresent(value, path, errors)) oneOf(value, supported, path, errors);
}

export function inRange(value: number, low: number, high: number, path: Path, errors: ErrorList): void {
  if (value < low || value > high) errors.invalid(path, value, rangeMessage(low, high));
}

/** Not below zero; nothing to say about what is not set. */
export function notNegative(value: number | undefined | null, path: Path, errors: ErrorList): void {
  if (value !== undefined && value !== null && value < 0) {
    errors.invalid(path, value, 'must be greater than or equal to 0');
  }
}

/** A required name that follows a grammar. */
export function requireName(
  value: string | undefined,
  grammar: (value: string) => Messages,
  path: Path,
  errors: ErrorList,
): void {
  if (!value) errors.required(path);
  else for (const message of grammar(value)) errors.invalid(path, value, message);
}

/** A port by number or by name. */
export function portNumberOrName(value: IntOrString | undefined, path: Path, errors: ErrorList): void {
  const port = value ?? 0;
  const messages = typeof port === 'number' ? portNumber(port) : portName(port);
  for (const message of messages) errors.invalid(path, port, message);
}

/** A count that is not negative, or a percentage in the right form. */
export function positiveIntOrPercent(value: IntOrString | undefined, path: Path, errors: ErrorList): void {
  if (value === undefined) return;
  if (typeof value === 'string') for (const message of percent(value)) errors.invalid(path, value, message);
  else notNegative(value, path, errors);
}

/** At most 100 %. */
export function notMoreThanAll(value: IntOrString | undefined, path: Path, errors: ErrorList): void {
  if (typeof value !== 'string' || percent(value).length > 0) return;
  if (Number(value.slice(0, -1)) > 100) errors.invalid(path, value, 'must not be greater than 100%');
}

/** The number in a count or percentage; texts that are none count as zero. */
export function countOf(value: IntOrString | undefined): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  return percent(value).length === 0 ? Number(value.slice(0, -1)) : 0;
}
