/**
 * What a Service must say: ports, addresses, and which settings go with which type.
 * https://kubernetes.io/docs/concepts/services-networking/service/
 */
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { isDualStack, isIPv6, validateAddress, validateOrdinaryAddress, validateRange } from '../validation/addresses';
import { oneOf, oneOfInOrder, portNumberOrName, requireOneOf } from '../validation/checks';
import { check, dnsLabel, dnsSubdomain, portNumber, qualifiedName } from '../validation/names';
import { validateLabels } from '../validation/object-meta';
import { PROTOCOLS } from './pod/containers';
import { isExternallyAccessible } from './service-types';

const SPEC = root('spec');
const PORTS = SPEC.child('ports');
const CLUSTER_IPS = SPEC.child('clusterIPs');
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const LOAD_BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'";
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const HINTS = 'service.kubernetes.io/topology-aware-hints';
const MODE = 'service.kubernetes.io/topology-mode';
const DAY = 86_400;

export const isHeadless = (spec: any): boolean => spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None';

export function validateService(service: KubernetesObject, errors: ErrorList): void {
  const { spec, metadata } = service;
  const annotations = metadata.annotations ?? {};
  if (annotations[MODE] !== undefined && annotations[HINTS] !== undefined && annotations[MODE] !== annotations[HINTS]) {
    const at = root('metadata').child('annotations').key(MODE);
    errors.invalid(at, annotations[MODE], `must match annotations[${HINTS}] when both are specified`);
  }
  if (!spec.ports?.length && !isHeadless(spec) && spec.type !== 'ExternalName') errors.required(PORTS);
  validateType(spec, errors);
  validatePorts(spec, errors);
  if (spec.selector) validateLabels(spec.selector, SPEC.child('selector'), errors);
  validateAffinity(spec, errors);
  validateClusterIPs(spec, errors);
  spec.externalIPs?.forEach((address: string, i: number) => {
    const at = SPEC.child('externalIPs').index(i);
    if (validateAddress(address, at, errors)) validateOrdinaryAddress(address, at, errors);
  });
  requireOneOf(spec.type, TYPES, SPEC.child('type'), errors);
  validateUniquePorts(spec, errors);
  validateSourceRanges(spec, annotations, errors);
  if (spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== 'LoadBalancer') {
    errors.forbidden(SPEC.child('allocateLoadBalancerNodePorts'), LOAD_BALANCER_ONLY);
  }
  validateLoadBalancerClass(spec, errors);
  validateTrafficPolicies(spec, errors);
}

function validateType(spec: any, errors: ErrorList): void {
  if ((spec.type === 'LoadBalancer' || spec.type === 'NodePort') && isHeadless(spec)) {
    errors.invalid(CLUSTER_IPS.index(0), 'None', `may not be set to 'None' for ${spec.type} services`);
  }
  if (spec.type !== 'ExternalName') return;
  const refused = 'may not be set for ExternalName services';
  if (spec.clusterIPs?.length) errors.forbidden(CLUSTER_IPS, refused);
  if (spec.ipFamilies?.length) errors.forbidden(SPEC.child('ipFamilies'), refused);
  if (spec.ipFamilyPolicy !== undefined) errors.forbidden(SPEC.child('ipFamilyPolicy'), refused);
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.required(SPEC.child('externalName'));
  else check(name, dnsSubdomain, SPEC.child('externalName'), errors);
}

function validatePorts(spec: any, errors: ErrorList): void {
  const names = new Set<string>();
  spec.ports?.forEach(({ name, port = 0, protocol, targetPort, appProtocol }: any, i: number) => {
    const at = PORTS.index(i);
    if (name) {
      check(name, dnsLabel, at.child('name'), errors);
      if (names.has(name)) errors.duplicate(at.child('name'), name);
      names.add(name);
    } else if (spec.ports.length > 1) errors.required(at.child('name'));
    for (const message of portNumber(port)) errors.invalid(at.child('port'), port, message);
    requireOneOf(protocol, PROTOCOLS, at.child('protocol'), errors);
    portNumberOrName(targetPort, at.child('targetPort'), errors);
    if (appProtocol !== undefined) check(appProtocol, qualifiedName, at.child('appProtocol'), errors);
  });
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: any, errors: ErrorList): void {
  requireOneOf(sessionAffinity, ['ClientIP', 'None'], SPEC.child('sessionAffinity'), errors);
  const at = SPEC.child('sessionAffinityConfig');
  if (sessionAffinity === 'None' && sessionAffinityConfig) {
    errors.forbidden(at, 'must not be set when session affinity is None');
  }
  if (sessionAffinity !== 'ClientIP') return;
  const why = 'when session affinity type is ClientIP';
  const timeout = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (!sessionAffinityConfig) errors.required(at, why);
  else if (!sessionAffinityConfig.clientIP) errors.required(at.child('clientIP'), why);
  else if (timeout === undefined) errors.required(at.child('clientIP').child('timeoutSeconds'), why);
  else if (timeout <= 0 || timeout > DAY) {
    const rule = `must be greater than 0 and less than ${DAY}`;
    errors.invalid(at.child('clientIP').child('timeoutSeconds'), timeout, rule);
  }
}

/** `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` tell one story. */
export function validateClusterIPs(spec: any, errors: ErrorList): void {
  if (spec.type === 'ExternalName') return;
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  if (clusterIP === '') {
    if (clusterIPs.length > 0) {
      errors.invalid(CLUSTER_IPS, clusterIPs, 'must be empty when `clusterIP` is not specified');
    }
  } else if (clusterIPs.length === 0) errors.required(CLUSTER_IPS);
  else if (clusterIPs[0] !== clusterIP) errors.invalid(CLUSTER_IPS, clusterIPs, 'first value must match `clusterIP`');
  ipFamilies.forEach((family: string, i: number) => {
    const at = SPEC.child('ipFamilies').index(i);
    oneOf(family, ['IPv4', 'IPv6'], at, errors);
    if (ipFamilies.indexOf(family) < i) errors.duplicate(at, family);
  });
  if (ipFamilyPolicy !== undefined) {
    oneOf(ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack'], SPEC.child('ipFamilyPolicy'), errors);
  }
  if (!validateAddresses(clusterIPs, errors)) return;
  if (clusterIPs.length > 1 && !isDualStack(clusterIPs)) {
    errors.invalid(CLUSTER_IPS, clusterIPs, 'may specify no more than one IP for each IP family');
  }
  if (isHeadless(spec)) return;
  clusterIPs.forEach((address: string, i: number) => {
    const family = ipFamilies[i];
    if (family === undefined || (family === 'IPv6') === isIPv6(address)) return;
    errors.invalid(CLUSTER_IPS.index(i), address, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``);
  });
}

/** False when an address is none; then nothing more is said about families. */
function validateAddresses(addresses: readonly string[], errors: ErrorList): boolean {
  let valid = true;
  addresses.forEach((address, i) => {
    if (i === 0 && address === 'None') {
      if (addresses.length === 1) return;
      valid = false;
      errors.invalid(CLUSTER_IPS, addresses, "'None' must be the first and only value");
    } else if (!validateAddress(address, CLUSTER_IPS.index(i), errors)) valid = false;
  });
  if (addresses.length > 2) errors.invalid(CLUSTER_IPS, addresses, 'may only hold up to 2 values');
  return valid;
}

function validateUniquePorts(spec: any, errors: ErrorList): void {
  const ports: any[] = spec.ports ?? [];
  if (spec.type === 'ClusterIP') {
    ports.forEach(({ nodePort }, i) => {
      if (nodePort) errors.forbidden(PORTS.index(i).child('nodePort'), "may not be used when `type` is 'ClusterIP'");
    });
  }
  const repeats = (port: any, i: number, field: string) =>
    ports.slice(0, i).some((other) => other[field] === port[field] && other.protocol === port.protocol);
  ports.forEach((port, i) => {
    if (port.nodePort && repeats(port, i, 'nodePort')) {
      errors.duplicate(PORTS.index(i).child('nodePort'), port.nodePort);
    }
  });
  ports.forEach((port, i) => {
    if (repeats(port, i, 'port')) errors.duplicate(PORTS.index(i), printPort(port));
  });
}

/** As the server shows it: only what makes it a duplicate. */
const printPort = ({ protocol, port }: any) => ({
  Name: '',
  Protocol: protocol,
  AppProtocol: null,
  Port: port,
  TargetPort: 0,
  NodePort: 0,
});

function validateSourceRanges(spec: any, annotations: Readonly<Record<string, string>>, errors: ErrorList): void {
  const ranges: string[] = spec.loadBalancerSourceRanges ?? [];
  const annotation = annotations[SOURCE_RANGES];
  const forbid = (at: Path) => {
    if (spec.type !== 'LoadBalancer') errors.forbidden(at, LOAD_BALANCER_ONLY);
  };
  if (ranges.length > 0) {
    const at = SPEC.child('LoadBalancerSourceRanges');
    forbid(at);
    ranges.forEach((range, i) => {
      validateRange(range.trim(), at.index(i), errors);
    });
  } else if (annotation !== undefined) {
    const at = root('metadata').child('annotations').key(SOURCE_RANGES);
    forbid(at);
    if (annotation.trim() === '') return;
    for (const range of annotation.trim().split(',')) validateRange(range.trim(), at, errors);
  }
}

export function validateLoadBalancerClass({ type, loadBalancerClass }: any, errors: ErrorList): void {
  if (loadBalancerClass === undefined) return;
  const at = SPEC.child('loadBalancerClass');
  if (type === 'LoadBalancer') check(loadBalancerClass, qualifiedName, at, errors);
  else errors.forbidden(at, LOAD_BALANCER_ONLY);
}

export const needsHealthCheck = ({ type, externalTrafficPolicy }: any): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

function validateTrafficPolicies(spec: any, errors: ErrorList): void {
  const { externalTrafficPolicy = '', internalTrafficPolicy, healthCheckNodePort = 0, trafficDistribution } = spec;
  const external = SPEC.child('externalTrafficPolicy');
  if (isExternallyAccessible(spec)) requireOneOf(externalTrafficPolicy, ['Cluster', 'Local'], external, errors);
  else if (externalTrafficPolicy !== '') {
    errors.invalid(external, externalTrafficPolicy, 'may only be set for externally-accessible services');
  }
  const healthCheck = SPEC.child('healthCheckNodePort');
  if (!needsHealthCheck(spec)) {
    if (healthCheckNodePort !== 0) {
      const rule = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
      errors.invalid(healthCheck, healthCheckNodePort, rule);
    }
  } else if (healthCheckNodePort !== 0) {
    for (const message of portNumber(healthCheckNodePort)) errors.invalid(healthCheck, healthCheckNodePort, message);
  }
  if (internalTrafficPolicy !== undefined) {
    oneOf(internalTrafficPolicy, ['Cluster', 'Local'], SPEC.child('internalTrafficPolicy'), errors);
  }
  if (trafficDistribution !== undefined) {
    const known = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
    oneOfInOrder(trafficDistribution, known, SPEC.child('trafficDistribution'), errors);
  }
}

const ONCE = 'may not change once set';

/** An address or family, once given, stays; a second one may come and go. */
export function validateServiceUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  const after = next.spec;
  const before = old.spec;
  if (after.type !== 'ExternalName' && before.type !== 'ExternalName') {
    if (!isHeadless(after) || !isHeadless(before)) validateKeptAddresses(after, before, errors);
    if (!isHeadless(after) && !isHeadless(before)) validateKeptFamilies(after, before, errors);
  }
  const classPath = SPEC.child('loadBalancerClass');
  if (after.type === 'LoadBalancer' && before.type === 'LoadBalancer') {
    if (after.loadBalancerClass !== before.loadBalancerClass) errors.invalid(classPath, after.loadBalancerClass, ONCE);
  }
  validateLoadBalancerClass(after, errors);
  if (needsHealthCheck(after) && needsHealthCheck(before) && after.healthCheckNodePort !== before.healthCheckNodePort) {
    errors.forbidden(SPEC.child('healthCheckNodePort'), 'field is immutable');
  }
  validateService(next, errors);
}

function validateKeptAddresses(after: any, before: any, errors: ErrorList): void {
  const next: string[] = after.clusterIPs ?? [];
  const old: string[] = before.clusterIPs ?? [];
  if (next.length === old.length) {
    old.forEach((address, i) => {
      if (address !== next[i]) errors.invalid(CLUSTER_IPS.index(i), next, ONCE);
    });
    return;
  }
  const first = CLUSTER_IPS.index(0);
  if (next.length < old.length && next.length === 0) errors.invalid(first, next, 'primary clusterIP can not be unset');
  if (old.length > 0 && next.length > 0 && next[0] !== old[0]) errors.invalid(first, next, ONCE);
  if (next.length < old.length && next.length === 1 && after.ipFamilyPolicy !== 'SingleStack') {
    const rule = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    errors.invalid(SPEC.child('ipFamilyPolicy'), after.ipFamilyPolicy, rule);
  }
}

function validateKeptFamilies(after: any, before: any, errors: ErrorList): void {
  const next: string[] = after.ipFamilies ?? [];
  const old: string[] = before.ipFamilies ?? [];
  const first = SPEC.child('ipFamilies').index(0);
  if (next.length === old.length) {
    old.forEach((family, i) => {
      if (family !== next[i]) errors.invalid(first, next, ONCE);
    });
    return;
  }
  if (next.length < old.length && !after.clusterIPs?.length) {
    errors.invalid(first, next, 'primary ipFamily can not be unset');
  }
  if (old.length > 0 && next.length > 0 && next[0] !== old[0]) errors.invalid(first, after.clusterIPs, ONCE);
  if (next.length < old.length && next.length === 1 && after.ipFamilyPolicy !== 'SingleStack') {
    const rule = "must be set to 'SingleStack' when releasing the secondary ipFamily";
    errors.invalid(SPEC.child('ipFamilyPolicy'), after.ipFamilyPolicy, rule);
  }
}

/** What a cloud wrote about the load balancer it made; the kinds that have one share it. */
export function validateServiceStatus(next: KubernetesObject, errors: ErrorList): void {
  const ingress: any[] = next.status?.loadBalancer?.ingress ?? [];
  const path = root('status').child('loadBalancer').child('ingress');
  if (next.spec.type !== 'LoadBalancer' && ingress.length > 0) {
    errors.forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'");
    return;
  }
  ingress.forEach(({ ip = '', hostname = '', ipMode }, i) => {
    const at = path.index(i);
    if (ip !== '') validateAddress(ip, at.child('ip'), errors);
    if (ipMode === undefined) {
      if (ip !== '') errors.required(at.child('ipMode'), 'must be specified when `ip` is set');
    } else if (ip === '') errors.forbidden(at.child('ipMode'), 'may not be specified when `ip` is not set');
    else oneOf(ipMode, ['Proxy', 'VIP'], at.child('ipMode'), errors);
    validateBalancerHostname(hostname, at.child('hostname'), errors);
  });
}

export function validateBalancerHostname(hostname: string, path: Path, errors: ErrorList): void {
  if (hostname === '') return;
  check(hostname, dnsSubdomain, path, errors);
  if (/^[0-9.]+$/.test(hostname) && hostname.split('.').length === 4) {
    errors.invalid(path, hostname, 'must be a DNS name, not an IP address');
  }
}
