/**
 * Endpoints: the addresses behind a Service, in the form that EndpointSlices replace.
 * https://kubernetes.io/docs/concepts/services-networking/service/#endpoints
 */

import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { validateAddress, validateOrdinaryAddress } from '../validation/addresses';
import { requireOneOf } from '../validation/checks';
import { check, dnsLabel, dnsSubdomain, portNumber, qualifiedName } from '../validation/names';
import { age } from './cells';
import { defineKind } from './define-kind';
import { PROTOCOLS } from './pod/containers';

function validate({ subsets }: KubernetesObject, errors: ErrorList): void {
  subsets?.forEach(({ addresses, notReadyAddresses, ports }: any, i: number) => {
    const at = root('subsets').index(i);
    if (!addresses?.length && !notReadyAddresses?.length) {
      errors.required(at, 'must specify `addresses` or `notReadyAddresses`');
    }
    addresses?.forEach((address: any, j: number) => {
      validateAddressOf(address, at.child('addresses').index(j), errors);
    });
    notReadyAddresses?.forEach((address: any, j: number) => {
      validateAddressOf(address, at.child('notReadyAddresses').index(j), errors);
    });
    ports?.forEach((port: any, j: number) => {
      validatePort(port, at.child('ports').index(j), errors, ports.length > 1);
    });
  });
}

function validateAddressOf({ ip = '', hostname, nodeName }: any, path: Path, errors: ErrorList): void {
  validateAddress(ip, path.child('ip'), errors);
  if (hostname) check(hostname, dnsLabel, path.child('hostname'), errors);
  if (nodeName !== undefined) check(nodeName, dnsSubdomain, path.child('nodeName'), errors);
  validateOrdinaryAddress(ip, path.child('ip'), errors);
}

function validatePort(
  { name, port = 0, protocol, appProtocol }: any,
  path: Path,
  errors: ErrorList,
  named: boolean,
): void {
  if (name) check(name, dnsLabel, path.child('name'), errors);
  else if (named) errors.required(path.child('name'));
  for (const message of portNumber(port)) errors.invalid(path.child('port'), port, message);
  requireOneOf(protocol, PROTOCOLS, path.child('protocol'), errors);
  if (appProtocol !== undefined) check(appProtocol, qualifiedName, path.child('appProtocol'), errors);
}

/** More than these the table does not show. */
const SHOWN = 3;

export const endpoints = defineKind({
  apiVersion: 'v1',
  kind: 'Endpoints',
  resource: 'endpoints',
  allowCreateOnUpdate: true,
  defaults: ({ subsets }) => {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) if (!port.protocol) port.protocol = 'TCP';
  },
  validate,
  cells: (object, context) => [object.metadata.name!, addresses(object), age(object, context)],
});

/** `10.1.0.1:80,10.1.0.2:80 + 1 more...` */
function addresses({ subsets }: KubernetesObject): string {
  if (!subsets?.length) return '<none>';
  const list: string[] = [];
  for (const { addresses: ready, ports } of subsets) {
    if (!ports?.length) for (const { ip } of ready ?? []) list.push(ip);
    else
      for (const { port } of ports)
        for (const { ip } of ready ?? []) list.push(ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);
  }
  const shown = list.slice(0, SHOWN).join(',');
  return list.length > SHOWN ? `${shown} + ${list.length - SHOWN} more...` : shown;
}
