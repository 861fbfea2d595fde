/**
 * What roles and bindings may say.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
import { semanticEqual } from '../equality';
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { oneOfInOrder, requireName, requirePresent } from '../validation/checks';
import { printStruct } from '../validation/go-structs';
import { isUsableSelector, validateLabelSelector } from '../validation/label-selectors';
import { check, dnsSubdomain, pathSegment } from '../validation/names';
import { RBAC_GROUP } from './rbac';

export function validateRole({ rules }: KubernetesObject, errors: ErrorList): void {
  rules?.forEach((rule: any, i: number) => {
    validateRule(rule ?? {}, true, root('rules').index(i), errors);
  });
}

export function validateClusterRole({ rules, aggregationRule }: KubernetesObject, errors: ErrorList): void {
  rules?.forEach((rule: any, i: number) => {
    validateRule(rule ?? {}, false, root('rules').index(i), errors);
  });
  if (!aggregationRule) return;
  const at = root('aggregationRule').child('clusterRoleSelectors');
  const selectors: any[] = aggregationRule.clusterRoleSelectors ?? [];
  requirePresent(selectors, at, errors, 'at least one clusterRoleSelector required if aggregationRule is non-nil');
  selectors.forEach((selector, i) => {
    validateLabelSelector(selector, at.index(i), errors);
    if (!isUsableSelector(selector)) errors.invalid(at.index(i), selector, 'invalid label selector.');
  });
}

function validateRule(rule: any, namespaced: boolean, path: Path, errors: ErrorList): void {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  requirePresent(verbs, path.child('verbs'), errors, 'verbs must contain at least one value');
  if (nonResourceURLs?.length) {
    const at = path.child('nonResourceURLs');
    if (namespaced) errors.invalid(at, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs');
    if (apiGroups?.length || resources?.length || resourceNames?.length) {
      errors.invalid(at, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs');
    }
    return;
  }
  requirePresent(apiGroups, path.child('apiGroups'), errors, 'resource rules must supply at least one api group');
  requirePresent(resources, path.child('resources'), errors, 'resource rules must supply at least one resource');
}

/** `kinds`: what a binding of this kind may refer to. */
export function validateBinding(kinds: readonly string[], { namespaced }: { readonly namespaced: boolean }) {
  return ({ roleRef, subjects }: KubernetesObject, errors: ErrorList): void => {
    const at = root('roleRef');
    const { apiGroup = '', kind = '', name = '' } = roleRef ?? {};
    if (apiGroup !== RBAC_GROUP) errors.notSupported(at.child('apiGroup'), apiGroup, [RBAC_GROUP]);
    oneOfInOrder(kind, kinds, at.child('kind'), errors);
    requireName(name, pathSegment, at.child('name'), errors);
    subjects?.forEach((subject: any, i: number) => {
      validateSubject(subject ?? {}, namespaced, root('subjects').index(i), errors);
    });
  };
}

function validateSubject(subject: any, namespaced: boolean, path: Path, errors: ErrorList): void {
  const { kind = '', name = '', namespace = '', apiGroup = '' } = subject;
  requirePresent(name, path.child('name'), errors);
  const group = path.child('apiGroup');
  switch (kind) {
    case 'ServiceAccount':
      if (name) check(name, dnsSubdomain, path.child('name'), errors);
      if (apiGroup !== '') errors.notSupported(group, apiGroup, ['']);
      if (!namespaced) requirePresent(namespace, path.child('namespace'), errors);
      break;
    case 'User':
    case 'Group':
      if (apiGroup !== RBAC_GROUP) errors.notSupported(group, apiGroup, [RBAC_GROUP]);
      break;
    default:
      errors.notSupported(path.child('kind'), kind, ['ServiceAccount', 'User', 'Group']);
  }
}

const referenceStruct = { APIGroup: ['apiGroup', ''], Kind: ['kind', ''], Name: ['name', ''] } as const;

/** Who is bound may change, what they are bound to may not. */
export function validateSameRole(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  if (semanticEqual(next.roleRef, old.roleRef)) return;
  errors.invalid(root('roleRef'), printStruct(referenceStruct, next.roleRef), 'cannot change roleRef');
}
