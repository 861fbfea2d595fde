/**
 * Scopes: which Pods or claims a ResourceQuota counts.
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes
 */
import type { ErrorList, Path, Printed } from '../field-errors';
import { requirePresent } from '../validation/checks';
import { printStruct } from '../validation/go-structs';
import { isStandardResource } from './pod/resources';

const COUNTS_PODS = new Set(['pods']);
const COUNTS_CLAIMS = new Set(['persistentvolumeclaims', 'requests.storage']);
const COMPUTE = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
const COUNTS_COMPUTE = new Set([...COUNTS_PODS, ...COMPUTE]);

/** The resources that go with a scope. */
const resourcesOf: Readonly<Record<string, ReadonlySet<string>>> = {
  Terminating: COUNTS_COMPUTE,
  NotTerminating: COUNTS_COMPUTE,
  BestEffort: COUNTS_PODS,
  NotBestEffort: COUNTS_COMPUTE,
  PriorityClass: COUNTS_COMPUTE,
  CrossNamespacePodAffinity: COUNTS_COMPUTE,
  VolumeAttributesClass: COUNTS_CLAIMS,
};

/** Scopes that say all by themselves. */
const WITHOUT_VALUES = new Set([
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
]);
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

const requirementStruct = {
  ScopeName: ['scopeName', ''],
  Operator: ['operator', ''],
  Values: ['values', null],
} as const;
const selectorStruct = { MatchExpressions: ['matchExpressions', null, requirementStruct] } as const;

export function validateScopes(spec: any, path: Path, errors: ErrorList): void {
  const scopes: string[] = spec.scopes ?? [];
  const at = path.child('scopes');
  for (const scope of scopes) validateScope(scope, spec, at, scopes, at, scopes, errors);
  if (conflict(scopes)) errors.invalid(at, scopes, 'conflicting scopes');
}

const conflict = (scopes: readonly string[]): boolean =>
  CONFLICTS.some((pair) => pair.every((scope) => scopes.includes(scope)));

function validateScope(
  scope: string,
  spec: any,
  namePath: Path,
  shownName: unknown,
  path: Path,
  shown: unknown,
  errors: ErrorList,
): void {
  if (!resourcesOf[scope]) errors.invalid(namePath, shownName, 'unsupported scope');
  for (const resource of Object.keys(spec.hard ?? {}).sort()) {
    if (isStandardResource(resource) && !resourcesOf[scope]?.has(resource)) {
      errors.invalid(path, shown, 'unsupported scope applied to resource');
    }
  }
}

export function validateScopeSelector(spec: any, path: Path, errors: ErrorList): void {
  const selector = spec.scopeSelector;
  if (!selector) return;
  const at = path.child('matchExpressions');
  const shown: Printed = printStruct(selectorStruct, selector);
  const scopes: string[] = [];
  for (const { scopeName = '', operator = '', values } of selector.matchExpressions ?? []) {
    scopes.push(scopeName);
    validateScope(scopeName, spec, at.child('scopeName'), scopeName, at, shown, errors);
    if (WITHOUT_VALUES.has(scopeName) && operator !== 'Exists') {
      errors.invalid(at.child('operator'), operator, MUST_EXIST);
    }
    validateOperator(operator, values, at, errors);
  }
  if (conflict(scopes)) errors.invalid(at, shown, 'conflicting scopes');
}

const MUST_EXIST =
  "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function validateOperator(operator: string, values: string[] | undefined, path: Path, errors: ErrorList): void {
  if (operator === 'In' || operator === 'NotIn') {
    const rule = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    requirePresent(values, path.child('values'), errors, rule);
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const rule = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    if (values?.length) errors.invalid(path.child('values'), values, rule);
  } else errors.invalid(path.child('operator'), operator, 'not a valid selector operator');
}
