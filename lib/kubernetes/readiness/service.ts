/** https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer */
import type { KubernetesObject } from '../object';
import { current, inProgress, type Readiness, type Surroundings } from './readiness';
import { eventsAbout } from './workload-pods';

export function serviceReadiness(service: KubernetesObject, surroundings: Surroundings): Readiness {
  const { spec = {} } = service;
  if (spec.type === 'ExternalName') return current(`stands for ${spec.externalName}`);
  if (!spec.clusterIP) return inProgress('no cluster IP yet');
  if (spec.type !== 'LoadBalancer') return current(spec.clusterIP === 'None' ? 'headless' : `at ${spec.clusterIP}`);
  return loadBalancerReadiness(service, surroundings, 'no load balancer address yet');
}

/** The same for a Service and an Ingress: `status.loadBalancer` has an address, or an event says why not. */
export function loadBalancerReadiness(object: KubernetesObject, surroundings: Surroundings, notYet: string): Readiness {
  const addresses: { hostname?: string; ip?: string }[] = object.status?.loadBalancer?.ingress ?? [];
  const address = addresses.map(({ hostname, ip }) => hostname ?? ip).find(Boolean);
  if (address) return current(`at ${address}`);
  const warning = eventsAbout(object, surroundings.events).findLast(({ type }) => type === 'Warning');
  return warning ? inProgress(`${notYet}; ${warning.message}`, warning.reason) : inProgress(notYet);
}
