/** ValidatingAdmissionPolicyBindings: where a policy applies. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ */

import { applyMatchDefaults } from './admission-defaults';
import { validatePolicyBinding } from './admission-policy-rules';
import { age } from './cells';
import { defineKind } from './define-kind';

export const validatingAdmissionPolicyBinding = defineKind({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  freeFinalizers: true,
  metadataCheckedOnce: true,
  resource: 'validatingadmissionpolicybindings',
  namespaced: false,
  defaults: ({ spec }) => applyMatchDefaults(spec?.matchResources),
  generation: 'spec',
  allowUnconditionalUpdate: false,
  validate: validatePolicyBinding,
  cells: (object, context) => {
    const { policyName, paramRef } = object.spec ?? {};
    const params = !paramRef
      ? '<unset>'
      : paramRef.name
        ? `${paramRef.namespace ? `${paramRef.namespace}/` : '*/'}${paramRef.name}`
        : paramRef.selector
          ? `<selector>`
          : '<unset>';
    return [object.metadata.name!, policyName ?? '', params, age(object, context)];
  },
});
