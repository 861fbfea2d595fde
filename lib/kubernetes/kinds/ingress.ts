/** Ingresses: routes from the outside to Services. https://kubernetes.io/docs/concepts/services-networking/ingress/ */

import type { KubernetesObject } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';
import { ingressWarnings, validateIngress, validateIngressStatus, validateNewIngress } from './ingress-rules';
import { loadBalancerAddress } from './service';

/** More hosts than these the table does not show. */
const SHOWN = 3;

export const ingress = defineKind({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  resource: 'ingresses',
  generation: 'spec',
  status: {
    initial: () => ({ loadBalancer: {} }),
    validate: (next, _old, errors) => validateIngressStatus(next, errors),
  },
  validate: validateNewIngress,
  validateUpdate: (next, _old, errors) => validateIngress(next, errors),
  warnings: ingressWarnings,
  cells: (object, context) => [
    object.metadata.name!,
    object.spec?.ingressClassName ?? '<none>',
    hosts(object),
    loadBalancerAddress(object.status),
    object.spec?.tls?.length ? '80, 443' : '80',
    age(object, context),
  ],
});

function hosts({ spec }: KubernetesObject): string {
  const names = (spec?.rules ?? []).map(({ host }: any) => host || '*');
  if (names.length === 0) return '*';
  const shown = names.slice(0, SHOWN).join(',');
  return names.length > SHOWN ? `${shown} + ${names.length - SHOWN} more...` : shown;
}
