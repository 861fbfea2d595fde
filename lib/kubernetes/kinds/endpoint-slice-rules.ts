/**
 * What an EndpointSlice may hold.
 * https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
 */

import { semanticEqual } from '../equality';
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { addressWarning, isIPv4, isIPv6, validateAddress, validateOrdinaryAddress } from '../validation/addresses';
import { oneOf, requirePresent } from '../validation/checks';
import { check, dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../validation/names';
import { immutable } from '../validation/object-meta';
import { validateDomain } from '../validation/qualified-domain';

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const MAX_ZONE_HINTS = 8;
const MAX_TOPOLOGY = 16;

/** Addresses that were there before need not be judged again. */
export function validateEndpointSlice(slice: KubernetesObject, errors: ErrorList, old?: KubernetesObject): void {
  const { addressType = '', endpoints, ports } = slice;
  const type = root('addressType');
  if (requirePresent(addressType, type, errors)) oneOf(addressType, ['FQDN', 'IPv4', 'IPv6'], type, errors);
  validateEndpoints(endpoints ?? [], addressType, old?.endpoints ?? [], errors);
  validatePorts(ports ?? [], errors);
}

export function validateEndpointSliceUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validateEndpointSlice(next, errors, old);
  immutable(next.addressType, old.addressType, root('addressType'), errors);
}

function validateEndpoints(
  endpoints: readonly any[],
  addressType: string,
  before: readonly any[],
  errors: ErrorList,
): void {
  if (endpoints.length > MAX_ENDPOINTS) {
    errors.tooMany(root('endpoints'), endpoints.length, MAX_ENDPOINTS);
    return;
  }
  endpoints.forEach((endpoint, i) => {
    const at = root('endpoints').index(i);
    if (!before[i] || !semanticEqual(before[i].addresses, endpoint.addresses)) {
      validateAddresses(endpoint.addresses ?? [], addressType, at.child('addresses'), errors);
    }
    if (endpoint.nodeName !== undefined) check(endpoint.nodeName, dnsSubdomain, at.child('nodeName'), errors);
    validateTopology(endpoint.deprecatedTopology, at.child('deprecatedTopology'), errors);
    if (endpoint.hostname !== undefined) check(endpoint.hostname, dnsLabel, at.child('hostname'), errors);
    validateHints(endpoint.hints, at.child('hints'), errors);
  });
}

function validateAddresses(addresses: readonly string[], addressType: string, path: Path, errors: ErrorList): void {
  if (addresses.length === 0) errors.required(path, 'must contain at least 1 address');
  else if (addresses.length > MAX_ADDRESSES) errors.tooMany(path, addresses.length, MAX_ADDRESSES);
  addresses.forEach((address, i) => {
    validateEndpointAddress(address, addressType, path, path.index(i), errors);
  });
}

function validateEndpointAddress(
  address: string,
  addressType: string,
  list: Path,
  path: Path,
  errors: ErrorList,
): void {
  if (addressType === 'FQDN') {
    validateDomain(address, path, errors);
    return;
  }
  if (addressType !== 'IPv4' && addressType !== 'IPv6') return;
  if (!validateAddress(address, path, errors)) return;
  if (addressType === 'IPv4' && !isIPv4(address)) errors.invalid(list, address, 'must be an IPv4 address');
  if (addressType === 'IPv6' && !isIPv6(address)) errors.invalid(list, address, 'must be an IPv6 address');
  validateOrdinaryAddress(address, path, errors);
}

function validateTopology(topology: Record<string, string> | undefined, path: Path, errors: ErrorList): void {
  const entries = Object.entries(topology ?? {});
  if (entries.length > MAX_TOPOLOGY) errors.tooMany(path, entries.length, MAX_TOPOLOGY);
  for (const [key, value] of entries) {
    check(key, qualifiedName, path, errors);
    for (const message of labelValue(value)) errors.invalid(path.key(key), value, message);
    if (key === 'kubernetes.io/hostname')
      errors.invalid(path.key(key), key, 'must not be specified here, use nodeName');
  }
}

function validateHints(hints: any, path: Path, errors: ErrorList): void {
  const zones: any[] = hints?.forZones ?? [];
  const at = path.child('forZones');
  if (zones.length > MAX_ZONE_HINTS) {
    errors.tooMany(at, zones.length, MAX_ZONE_HINTS);
    return;
  }
  const seen = new Set<string>();
  zones.forEach(({ name = '' }, i) => {
    if (seen.has(name)) errors.duplicate(at.index(i), name);
    seen.add(name);
    check(name, labelValue, at.index(i).child('name'), errors);
  });
}

function validatePorts(ports: readonly any[], errors: ErrorList): void {
  if (ports.length > MAX_PORTS) {
    errors.tooMany(root('ports'), ports.length, MAX_PORTS);
    return;
  }
  const names = new Set<string>();
  ports.forEach(({ name = '', protocol, appProtocol }, i) => {
    const at = root('ports').index(i);
    if (name !== '') check(name, dnsLabel, at.child('name'), errors);
    if (names.has(name)) errors.duplicate(at.child('name'), name);
    names.add(name);
    oneOf(protocol, ['SCTP', 'TCP', 'UDP'], at.child('protocol'), errors);
    if (appProtocol !== undefined) check(appProtocol, qualifiedName, at.child('appProtocol'), errors);
  });
}

export function endpointSliceWarnings({ addressType, endpoints }: KubernetesObject): string[] {
  const found: string[] = [];
  if (addressType === 'FQDN') found.push('spec.addressType: FQDN endpoints are deprecated');
  endpoints?.forEach(({ addresses }: any, i: number) => {
    addresses?.forEach((address: string, j: number) => {
      const warning = addressWarning(address);
      if (warning) found.push(`${root('endpoints').index(i).child('addresses').index(j)}: ${warning}`);
    });
  });
  return found;
}
