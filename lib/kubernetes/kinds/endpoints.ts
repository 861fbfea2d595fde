/**
 * Endpoints: the addresses behind a Service, in the form that EndpointSlices replace.
 * https://kubernetes.io/docs/concepts/services-networking/service/#endpoints
 */
import type { KubernetesObject } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';

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
