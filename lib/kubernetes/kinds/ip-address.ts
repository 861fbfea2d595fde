/** IPAddresses: cluster IPs that are taken, and by whom. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/ip-address-v1/ */
import type { KubernetesObject } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';

export const ipAddress = defineKind({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  resource: 'ipaddresses',
  namespaced: false,
  selectableFields: {
    'spec.parentRef.group': (object) => object.spec?.parentRef?.group ?? '',
    'spec.parentRef.resource': (object) => object.spec?.parentRef?.resource ?? '',
    'spec.parentRef.namespace': (object) => object.spec?.parentRef?.namespace ?? '',
    'spec.parentRef.name': (object) => object.spec?.parentRef?.name ?? '',
  },
  cells: (object, context) => [object.metadata.name!, parent(object), age(object, context)],
});

/** `services/default/web` */
function parent({ spec }: KubernetesObject): string {
  const { group, resource, namespace, name } = spec?.parentRef ?? {};
  if (!resource) return '<none>';
  return [group ? `${resource}.${group}` : resource, ...(namespace ? [namespace] : []), name].join('/');
}
