/** ClusterRoleBindings: who may do what a role allows. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding */
import { nameIsPathSegment } from '../validation/names';
import { defineKind } from './define-kind';
import { applyBindingDefaults, bindingCells } from './rbac';

export const clusterRoleBinding = defineKind({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  resource: 'clusterrolebindings',
  namespaced: false,
  nameRule: nameIsPathSegment,
  allowCreateOnUpdate: true,
  defaults: applyBindingDefaults,
  cells: bindingCells,
});
