/** APIServices: who serves a group and version of the API. https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/ */
import type { KubernetesObject } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';

export const apiService = defineKind({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  resource: 'apiservices',
  namespaced: false,
  freeFinalizers: true,
  defaults: ({ spec }) => {
    if (spec?.service) spec.service.port ??= 443;
  },
  status: {},
  allowUnconditionalUpdate: false,
  cells: (object, context) => {
    const { service } = object.spec ?? {};
    return [
      object.metadata.name!,
      service ? `${service.namespace}/${service.name}` : 'Local',
      available(object),
      age(object, context),
    ];
  },
});

/** `True`, `False (MissingEndpoints)`, `Unknown`. */
function available({ status }: KubernetesObject): string {
  const found = (status?.conditions ?? []).find((condition: any) => condition.type === 'Available');
  if (!found) return 'Unknown';
  return found.status === 'True' ? 'True' : `${found.status} (${found.reason ?? ''})`;
}
