/** IngressClasses: which controller serves an Ingress. https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class */

import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { oneOf, requirePresent } from '../validation/checks';
import { validateDomainPrefixedPath } from '../validation/domain-path';
import { check, dnsLabel } from '../validation/names';
import { immutable } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';
import { validateLocalReference } from './ingress-rules';

const CONTROLLER = root('spec').child('controller');
const PARAMETERS = root('spec').child('parameters');

function validate({ spec = {} }: KubernetesObject, errors: ErrorList): void {
  const { controller = '', parameters } = spec;
  if (controller.length > 250) errors.tooLong(CONTROLLER, 250);
  validateDomainPrefixedPath(controller, CONTROLLER, errors);
  if (!parameters) return;
  validateLocalReference(parameters, PARAMETERS, errors);
  const { scope, namespace } = parameters;
  const at = PARAMETERS.child('namespace');
  oneOf(scope, ['Cluster', 'Namespace'], PARAMETERS.child('scope'), errors);
  if (scope === 'Namespace') {
    if (requirePresent(namespace, at, errors, "`parameters.scope` is set to 'Namespace'")) {
      check(namespace, dnsLabel, at, errors);
    }
  } else if (scope === 'Cluster' && namespace !== undefined) {
    errors.forbidden(at, "`parameters.scope` is set to 'Cluster'");
  }
}

function validateUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  immutable(next.spec?.controller, old.spec?.controller, CONTROLLER, errors);
  validate(next, errors);
}

export const ingressClass = defineKind({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  resource: 'ingressclasses',
  namespaced: false,
  defaults: ({ spec }) => {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
  },
  generation: 'spec',
  validate,
  validateUpdate,
  cells: (object, context) => [
    object.metadata.name!,
    object.spec?.controller ?? '',
    parameters(object),
    age(object, context),
  ],
});

/** `IngressParameters.k8s.example.com/external` */
function parameters({ spec }: KubernetesObject): string {
  const reference = spec?.parameters;
  if (!reference) return '<none>';
  return `${reference.kind}${reference.apiGroup ? `.${reference.apiGroup}` : ''}/${reference.name}`;
}
