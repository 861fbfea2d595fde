/**
 * What the four kinds of role-based access control share: names that may be any path segment, rules, subjects.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
import type { KubernetesObject } from '../object';
import { age } from './cells';
import type { Cell, CellContext, Draft } from './kind-definition';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

export function applyBindingDefaults({ roleRef, subjects }: Draft): void {
  if (roleRef && !roleRef.apiGroup) roleRef.apiGroup = RBAC_GROUP;
  for (const subject of subjects ?? []) {
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = RBAC_GROUP;
  }
}

export function bindingCells(object: KubernetesObject, context: CellContext): Cell[] {
  const { roleRef = {}, subjects } = object;
  const names = (kind: string) =>
    (subjects ?? [])
      .filter((subject: any) => subject.kind === kind)
      .map(({ namespace, name }: any) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
      .join(', ');
  return [
    object.metadata.name!,
    `${roleRef.kind}/${roleRef.name}`,
    age(object, context),
    names('User'),
    names('Group'),
    names('ServiceAccount'),
  ];
}
