/** RoleBindings: who may do what a role allows. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding */

import { nameIsPathSegment } from '../validation/names';
import { defineKind } from './define-kind';
import { applyBindingDefaults, bindingCells } from './rbac';
import { validateBinding, validateSameRole } from './rbac-rules';

const validate = validateBinding(['Role', 'ClusterRole'], { namespaced: true });

export const roleBinding = defineKind({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  resource: 'rolebindings',
  nameRule: nameIsPathSegment,
  allowCreateOnUpdate: true,
  defaults: applyBindingDefaults,
  validate,
  validateUpdate: (next, old, errors) => {
    validate(next, errors);
    validateSameRole(next, old, errors);
  },
  cells: bindingCells,
});
