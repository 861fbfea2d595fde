/** https://kubernetes.io/docs/concepts/services-networking/ingress/ */
import type { KubernetesObject } from '../object';
import type { Readiness, Surroundings } from './readiness';
import { loadBalancerReadiness } from './service';

export function ingressReadiness(ingress: KubernetesObject, surroundings: Surroundings): Readiness {
  return loadBalancerReadiness(ingress, surroundings, 'no controller has given it an address yet');
}
