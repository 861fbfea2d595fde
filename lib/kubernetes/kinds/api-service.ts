/** APIServices: who serves a group and version of the API. https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/ */

import { type ErrorList, quote, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { requirePresent } from '../validation/checks';
import { check, dns1035Label, dnsSubdomain, nameIsPathSegment, pathSegment, portNumber } from '../validation/names';
import { age } from './cells';
import { defineKind } from './define-kind';
import { base64Length } from './frozen-data';

const SPEC = root('spec');

function validate({ metadata, spec = {} }: KubernetesObject, errors: ErrorList): void {
  const { group = '', version = '', service, caBundle = '', insecureSkipTLSVerify } = spec;
  const { name = '' } = metadata;
  if (name !== '' && pathSegment(name).length === 0 && name !== `${version}.${group}`) {
    const rule = `must be \`spec.version+"."+spec.group\`: ${quote(`${version}.${group}`)}`;
    errors.invalid(root('metadata').child('name'), name, rule);
  }
  if (group === '' && version !== 'v1') {
    errors.required(SPEC.child('group'), 'only v1 may have an empty group and it better be legacy kube');
  }
  if (group !== '') check(group, dnsSubdomain, SPEC.child('group'), errors);
  check(version, dns1035Label, SPEC.child('version'), errors);
  validatePriority(spec, 'groupPriorityMinimum', 20_000, errors);
  validatePriority(spec, 'versionPriority', 1000, errors);
  if (service) validateService(service, errors);
  else if (caBundle !== '') {
    const bytes = `${base64Length(caBundle)} bytes`;
    errors.invalid(SPEC.child('caBundle'), bytes, 'local APIServices may not have a caBundle');
  }
  const tls = SPEC.child('insecureSkipTLSVerify');
  if (!service && insecureSkipTLSVerify) {
    errors.invalid(tls, true, 'local APIServices may not have insecureSkipTLSVerify');
  }
  if (service && insecureSkipTLSVerify && caBundle !== '') {
    errors.invalid(tls, true, 'may not be true if caBundle is present');
  }
}

function validatePriority(spec: any, field: string, max: number, errors: ErrorList): void {
  const value = spec[field] ?? 0;
  if (value <= 0 || value > max) errors.invalid(SPEC.child(field), value, `must be positive and less than ${max}`);
}

function validateService({ namespace, name, port }: any, errors: ErrorList): void {
  const at = SPEC.child('service');
  requirePresent(namespace, at.child('namespace'), errors);
  requirePresent(name, at.child('name'), errors);
  if (port === undefined) return;
  for (const message of portNumber(port)) errors.invalid(at.child('port'), port, `port is not valid: ${message}`);
}

export const apiService = defineKind({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  resource: 'apiservices',
  namespaced: false,
  freeFinalizers: true,
  defaults: ({ spec }) => {
    if (spec?.service) spec.service.port ??= 443;
  },
  nameRule: nameIsPathSegment,
  status: {},
  validate,
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
