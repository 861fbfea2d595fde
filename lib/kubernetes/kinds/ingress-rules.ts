/**
 * What an Ingress may say.
 * https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource
 */
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { tryParseAddress } from '../validation/addresses';
import { oneOf, requireName, requirePresent } from '../validation/checks';
import {
  check,
  dns1035Label,
  dnsSubdomain,
  pathSegment,
  portName,
  portNumber,
  wildcardDnsSubdomain,
} from '../validation/names';
import { validateBalancerHostname } from './service-rules';

const SPEC = root('spec');
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const PATH_TYPES = ['Exact', 'Prefix', 'ImplementationSpecific'];
const FORBIDDEN_IN_PATHS = ['//', '/./', '/../', '%2f', '%2F'];
const FORBIDDEN_AT_ENDS = ['/..', '/.'];

export function validateIngress({ spec = {} }: KubernetesObject, errors: ErrorList): void {
  if (!spec.rules?.length && !spec.defaultBackend) {
    errors.invalid(SPEC, spec.rules, 'either `defaultBackend` or `rules` must be specified');
  }
  if (spec.defaultBackend) validateBackend(spec.defaultBackend, SPEC.child('defaultBackend'), errors);
  spec.rules?.forEach((rule: any, i: number) => {
    const at = SPEC.child('rules').index(i);
    if (rule.host) validateRuleHost(rule.host, at.child('host'), errors);
    if (rule.http) validatePaths(rule.http.paths, at.child('http').child('paths'), errors);
  });
  spec.tls?.forEach((tls: any, i: number) => {
    const at = SPEC.child('tls').index(i);
    tls.hosts?.forEach((host: string, j: number) => {
      validateHost(host, at.child('hosts').index(j), errors);
    });
    if (tls.secretName) check(tls.secretName, dnsSubdomain, at.child('secretName'), errors);
  });
  const className = spec.ingressClassName;
  if (className !== undefined) check(className, dnsSubdomain, SPEC.child('ingressClassName'), errors);
}

/** New objects should name their class once. */
export function validateNewIngress(ingress: KubernetesObject, errors: ErrorList): void {
  validateIngress(ingress, errors);
  const annotated = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  const className = ingress.spec?.ingressClassName;
  if (annotated !== undefined && className !== undefined && annotated !== className) {
    const rule = 'must match `ingressClassName` when both are specified';
    errors.invalid(root('annotations').child(CLASS_ANNOTATION), annotated, rule);
  }
}

function validateHost(host: string, path: Path, errors: ErrorList): void {
  check(host, host.includes('*') ? wildcardDnsSubdomain : dnsSubdomain, path, errors);
}

function validateRuleHost(host: string, path: Path, errors: ErrorList): void {
  if (tryParseAddress(host)) errors.invalid(path, host, 'must be a DNS name, not an IP address');
  validateHost(host, path, errors);
}

function validatePaths(paths: readonly any[] | undefined, path: Path, errors: ErrorList): void {
  if (!requirePresent(paths, path, errors)) return;
  paths!.forEach((each, i) => {
    validatePath(each, path.index(i), errors);
  });
}

function validatePath({ path = '', pathType, backend }: any, at: Path, errors: ErrorList): void {
  if (pathType === undefined || pathType === null) {
    errors.required(at.child('pathType'), 'pathType must be specified');
    return;
  }
  const literal = pathType === 'Exact' || pathType === 'Prefix';
  if ((literal || (pathType === 'ImplementationSpecific' && path)) && !path.startsWith('/')) {
    errors.invalid(at.child('path'), path, 'must be an absolute path');
  }
  if (literal) {
    for (const part of FORBIDDEN_IN_PATHS) {
      if (path.includes(part)) errors.invalid(at.child('path'), path, `must not contain '${part}'`);
    }
    for (const end of FORBIDDEN_AT_ENDS) {
      if (path.endsWith(end)) errors.invalid(at.child('path'), path, `cannot end with '${end}'`);
    }
  }
  oneOf(pathType, PATH_TYPES, at.child('pathType'), errors);
  validateBackend(backend ?? {}, at.child('backend'), errors);
}

function validateBackend({ resource, service }: any, path: Path, errors: ErrorList): void {
  if (resource && service) errors.invalid(path, '', 'cannot set both resource and service backends');
  else if (resource) validateLocalReference(resource, path.child('resource'), errors);
  else if (service) validateServiceBackend(service, path, errors);
  else errors.invalid(path, '', 'resource or service backend is required');
}

function validateServiceBackend({ name, port }: any, path: Path, errors: ErrorList): void {
  const at = path.child('service');
  requireName(name, dns1035Label, at.child('name'), errors);
  if (port?.name && port.number) errors.invalid(path, '', 'cannot set both port name & port number');
  else if (port?.name) check(port.name, portName, at.child('port').child('name'), errors);
  else if (port?.number) {
    for (const message of portNumber(port.number)) {
      errors.invalid(at.child('port').child('number'), port.number, message);
    }
  } else errors.required(path, 'port name or number is required');
}

/** Group, kind and name of an object in the same namespace. */
export function validateLocalReference({ apiGroup, kind, name }: any, path: Path, errors: ErrorList): void {
  if (apiGroup !== undefined) check(apiGroup, dnsSubdomain, path.child('apiGroup'), errors);
  requireName(kind, pathSegment, path.child('kind'), errors);
  requireName(name, pathSegment, path.child('name'), errors);
}

export function validateIngressStatus(next: KubernetesObject, errors: ErrorList): void {
  next.status?.loadBalancer?.ingress?.forEach(({ ip, hostname }: any, i: number) => {
    const at = root('status').child('loadBalancer').child('ingress').index(i);
    if (ip && !tryParseAddress(ip)) {
      errors.invalid(at.child('ip'), ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)');
    }
    if (hostname) validateBalancerHostname(hostname, at.child('hostname'), errors);
  });
}

export function ingressWarnings({ metadata }: KubernetesObject): string[] {
  return metadata.annotations?.[CLASS_ANNOTATION] === undefined
    ? []
    : [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`];
}
