/** ServiceCIDRs: ranges that cluster IPs come from. https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/ */
import { age } from './cells';
import { defineKind } from './define-kind';

export const serviceCidr = defineKind({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  resource: 'servicecidrs',
  namespaced: false,
  status: {},
  cells: (object, context) => [object.metadata.name!, (object.spec?.cidrs ?? []).join(','), age(object, context)],
});
