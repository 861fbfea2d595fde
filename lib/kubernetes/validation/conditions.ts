/**
 * Conditions in a status, in the form that newer kinds share.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties
 */
import type { ErrorList, Path } from '../field-errors';
import { oneOf, requirePresent } from './checks';
import { byteLength, check, qualifiedName, regexMessage } from './names';

const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const REASON_WRONG = regexMessage(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  REASON,
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
);
const MAX_REASON = 1024;
const MAX_MESSAGE = 32 * 1024;
const reasonRegex = new RegExp(`^${REASON}$`);

export function validateConditions(conditions: readonly any[] | undefined, path: Path, errors: ErrorList): void {
  const seen = new Set<string>();
  conditions?.forEach((condition, i) => {
    const at = path.index(i);
    const { type = '' } = condition;
    if (seen.has(type)) errors.duplicate(at.child('type'), type);
    seen.add(type);
    validateCondition(condition, at, errors);
  });
}

function validateCondition(condition: any, path: Path, errors: ErrorList): void {
  const { type = '', status, observedGeneration, lastTransitionTime, reason = '', message = '' } = condition;
  check(type, qualifiedName, path.child('type'), errors);
  oneOf(status, ['False', 'True', 'Unknown'], path.child('status'), errors);
  if (observedGeneration < 0) {
    errors.invalid(path.child('observedGeneration'), observedGeneration, 'must be greater than or equal to zero');
  }
  requirePresent(lastTransitionTime, path.child('lastTransitionTime'), errors);
  if (requirePresent(reason, path.child('reason'), errors)) {
    if (!reasonRegex.test(reason)) errors.invalid(path.child('reason'), reason, REASON_WRONG);
    if (byteLength(reason) > MAX_REASON) errors.tooLong(path.child('reason'), MAX_REASON);
  }
  if (byteLength(message) > MAX_MESSAGE) errors.tooLong(path.child('message'), MAX_MESSAGE);
}
