/** ValidatingAdmissionPolicies: rules in CEL for every request. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ */

import { applyMatchDefaults } from './admission-defaults';
import { validatePolicy } from './admission-policy-rules';
import { age } from './cells';
import { defineKind } from './define-kind';

export const validatingAdmissionPolicy = defineKind({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  freeFinalizers: true,
  metadataCheckedOnce: true,
  resource: 'validatingadmissionpolicies',
  namespaced: false,
  defaults: ({ spec }) => {
    if (!spec) return;
    spec.failurePolicy ??= 'Fail';
    applyMatchDefaults(spec.matchConstraints);
  },
  generation: 'spec',
  status: {},
  allowUnconditionalUpdate: false,
  validate: validatePolicy,
  cells: (object, context) => {
    const { validations, paramKind } = object.spec ?? {};
    const params = paramKind ? `${paramKind.apiVersion}/${paramKind.kind}` : '<unset>';
    return [object.metadata.name!, validations?.length ?? 0, params, age(object, context)];
  },
});
