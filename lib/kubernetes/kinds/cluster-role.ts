/** ClusterRoles: what is allowed. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole */

import { nameIsPathSegment } from '../validation/names';
import { defineKind } from './define-kind';
import { validateClusterRole } from './rbac-rules';

export const clusterRole = defineKind({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  resource: 'clusterroles',
  namespaced: false,
  nameRule: nameIsPathSegment,
  allowCreateOnUpdate: true,
  validate: validateClusterRole,
});
