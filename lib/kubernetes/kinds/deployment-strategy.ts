/**
 * How a Deployment replaces its Pods, and how long it may take.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy
 */
import type { ErrorList, Path } from '../field-errors';
import { countOf, notMoreThanAll, notNegative, positiveIntOrPercent } from '../validation/checks';
import { printStruct } from '../validation/go-structs';

const strategyStruct = {
  Type: ['type', ''],
  RollingUpdate: ['rollingUpdate', null, { MaxUnavailable: ['maxUnavailable', 0], MaxSurge: ['maxSurge', 0] }],
} as const;

export function validateStrategy(strategy: any, path: Path, errors: ErrorList): void {
  const { type, rollingUpdate } = strategy ?? {};
  switch (type) {
    case 'Recreate':
      if (rollingUpdate) {
        errors.forbidden(path.child('rollingUpdate'), "may not be specified when strategy `type` is 'Recreate'");
      }
      break;
    case 'RollingUpdate':
      if (rollingUpdate) validateRollingUpdate(rollingUpdate, path.child('rollingUpdate'), errors);
      else errors.required(path.child('rollingUpdate'), 'this should be defaulted and never be nil');
      break;
    default:
      errors.notSupported(path, printStruct(strategyStruct, strategy), ['Recreate', 'RollingUpdate']);
  }
}

function validateRollingUpdate({ maxUnavailable, maxSurge }: any, path: Path, errors: ErrorList): void {
  positiveIntOrPercent(maxUnavailable, path.child('maxUnavailable'), errors);
  positiveIntOrPercent(maxSurge, path.child('maxSurge'), errors);
  if (countOf(maxUnavailable) === 0 && countOf(maxSurge) === 0) {
    errors.invalid(path.child('maxUnavailable'), maxUnavailable, 'may not be 0 when `maxSurge` is 0');
  }
  notMoreThanAll(maxUnavailable, path.child('maxUnavailable'), errors);
}

export function validateRollout(spec: any, path: Path, errors: ErrorList): void {
  const { minReadySeconds = 0, revisionHistoryLimit, progressDeadlineSeconds } = spec;
  notNegative(minReadySeconds, path.child('minReadySeconds'), errors);
  notNegative(revisionHistoryLimit, path.child('revisionHistoryLimit'), errors);
  if (progressDeadlineSeconds === undefined) return;
  const at = path.child('progressDeadlineSeconds');
  notNegative(progressDeadlineSeconds, at, errors);
  if (progressDeadlineSeconds <= minReadySeconds) {
    errors.invalid(at, progressDeadlineSeconds, 'must be greater than minReadySeconds');
  }
}
