/** NetworkPolicies: who may talk to whom. https://kubernetes.io/docs/concepts/services-networking/network-policies/ */
import { formatSelector } from '../selectors';
import { age } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';

function defaults({ spec }: Draft): void {
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of rule?.ports ?? []) port.protocol ??= 'TCP';
  }
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
}

export const networkPolicy = defineKind({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  resource: 'networkpolicies',
  defaults,
  generation: 'spec',
  cells: (object, context) => [object.metadata.name!, formatSelector(object.spec?.podSelector), age(object, context)],
});
