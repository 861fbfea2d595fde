/** Roles: what is allowed in a namespace. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole */

import { nameIsPathSegment } from '../validation/names';
import { defineKind } from './define-kind';
import { validateRole } from './rbac-rules';

export const role = defineKind({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  resource: 'roles',
  nameRule: nameIsPathSegment,
  allowCreateOnUpdate: true,
  validate: validateRole,
});
