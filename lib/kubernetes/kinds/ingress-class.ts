/** IngressClasses: which controller serves an Ingress. https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class */
import type { KubernetesObject } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';

export const ingressClass = defineKind({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  resource: 'ingressclasses',
  namespaced: false,
  defaults: ({ spec }) => {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
  },
  generation: 'spec',
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
