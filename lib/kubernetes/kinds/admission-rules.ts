/**
 * Which requests a webhook or an admission policy may ask to see.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules
 */
import type { ErrorList, Path } from '../field-errors';
import { oneOf, requirePresent } from '../validation/checks';
import { validateLabelSelector } from '../validation/label-selectors';
import { check, pathSegment } from '../validation/names';

export const FAILURE_POLICIES = ['Fail', 'Ignore'];
export const MATCH_POLICIES = ['Equivalent', 'Exact'];

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];

export function validateRuleWithOperations(rule: any, path: Path, errors: ErrorList): void {
  const { operations, apiGroups, apiVersions, resources, scope } = rule;
  requirePresent(operations, path.child('operations'), errors);
  aloneOrNot(operations, 'operations', path.child('operations'), errors);
  operations?.forEach((operation: string, i: number) => {
    oneOf(operation, OPERATIONS, path.child('operations').index(i), errors);
  });
  requirePresent(apiGroups, path.child('apiGroups'), errors);
  aloneOrNot(apiGroups, 'API groups', path.child('apiGroups'), errors);
  requirePresent(apiVersions, path.child('apiVersions'), errors);
  aloneOrNot(apiVersions, 'API versions', path.child('apiVersions'), errors);
  apiVersions?.forEach((version: string, i: number) => {
    requirePresent(version, path.child('apiVersions').index(i), errors);
  });
  validateResources(resources ?? [], path.child('resources'), errors);
  if (scope !== undefined) oneOf(scope, SCOPES, path.child('scope'), errors);
}

function aloneOrNot(words: readonly string[] | undefined, what: string, path: Path, errors: ErrorList): void {
  if (words && words.length > 1 && words.includes('*')) {
    errors.invalid(path, words, `if '*' is present, must not specify other ${what}`);
  }
}

function validateResources(resources: readonly string[], path: Path, errors: ErrorList): void {
  requirePresent(resources, path, errors);
  const allOf = new Set<string>();
  const ofAll = new Set<string>();
  resources.forEach((text, i) => {
    if (!requirePresent(text, path.index(i), errors) || text === '*/*') return;
    const slash = text.indexOf('/');
    if (slash < 0) return;
    const resource = text.slice(0, slash);
    const subresource = text.slice(slash + 1);
    const beside = (pattern: string) =>
      errors.invalid(path.index(i), text, `if '${pattern}' is present, must not specify ${text}`);
    if (allOf.has(resource)) beside(`${resource}/*`);
    if (ofAll.has(subresource)) beside(`*/${subresource}`);
    if (subresource === '*') allOf.add(resource);
    if (resource === '*') ofAll.add(subresource);
  });
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.invalid(path, resources, "if '*/*' is present, must not specify other resources");
  }
}

/** The `matchConstraints` of a policy, the `matchResources` of a binding. */
export function validateMatch(match: any, path: Path, errors: ErrorList): void {
  const { matchPolicy, namespaceSelector, objectSelector } = match;
  oneOf(matchPolicy, MATCH_POLICIES, path.child('matchPolicy'), errors);
  validateLabelSelector(namespaceSelector, path.child('namespaceSelector'), errors);
  validateLabelSelector(objectSelector, path.child('objectSelector'), errors);
  for (const list of ['resourceRules', 'excludeResourceRules']) {
    match[list]?.forEach((rule: any, i: number) => {
      const at = path.child(list).index(i);
      validateRuleWithOperations(rule, at, errors);
      validateResourceNames(rule.resourceNames ?? [], at.child('resourceNames'), errors);
    });
  }
}

function validateResourceNames(names: readonly string[], path: Path, errors: ErrorList): void {
  const seen = new Set<string>();
  names.forEach((name, i) => {
    check(name, pathSegment, path.index(i), errors);
    if (seen.has(name)) errors.duplicate(path.index(i), name);
    seen.add(name);
  });
}
