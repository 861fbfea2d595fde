/** IPAddresses: cluster IPs that are taken, and by whom. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/ip-address-v1/ */

import { semanticEqual } from '../equality';
import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { strictAddressMessages } from '../validation/addresses';
import { requireName } from '../validation/checks';
import { printStruct } from '../validation/go-structs';
import { check, dnsSubdomain, pathSegment } from '../validation/names';
import { IMMUTABLE } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';

const PARENT = root('spec').child('parentRef');

function validate({ spec }: KubernetesObject, errors: ErrorList): void {
  const reference = spec?.parentRef;
  if (!reference) {
    errors.required(PARENT);
    return;
  }
  const { group, resource, name, namespace } = reference;
  if (group) check(group, dnsSubdomain, PARENT.child('group'), errors);
  requireName(resource, pathSegment, PARENT.child('resource'), errors);
  requireName(name, pathSegment, PARENT.child('name'), errors);
  if (namespace) check(namespace, pathSegment, PARENT.child('namespace'), errors);
}

const referenceStruct = {
  Group: ['group', ''],
  Resource: ['resource', ''],
  Namespace: ['namespace', ''],
  Name: ['name', ''],
} as const;

function validateUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  const after = next.spec?.parentRef;
  if (semanticEqual(after, old.spec?.parentRef)) return;
  errors.invalid(PARENT, after && printStruct(referenceStruct, after), IMMUTABLE);
}

export const ipAddress = defineKind({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  resource: 'ipaddresses',
  namespaced: false,
  nameRule: (name) => strictAddressMessages(name),
  validate,
  validateUpdate,
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
