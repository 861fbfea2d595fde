/** Which types of Service are reached from where. https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types */

/** From outside of the cluster: through a load balancer, a node port or an external address. */
export const isExternallyAccessible = (spec: any): boolean =>
  spec.type === 'LoadBalancer' || spec.type === 'NodePort' || (spec.type === 'ClusterIP' && !!spec.externalIPs?.length);
