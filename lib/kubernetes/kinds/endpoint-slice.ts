/** EndpointSlices: the addresses behind a Service. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ */

import { semanticEqual } from '../equality';
import type { KubernetesObject } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';
import { endpointSliceWarnings, validateEndpointSlice, validateEndpointSliceUpdate } from './endpoint-slice-rules';

/** More than these the table does not show. */
const SHOWN = 3;

export const endpointSlice = defineKind({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  resource: 'endpointslices',
  metadataCheckedOnce: true,
  defaults: ({ ports }) => {
    for (const port of ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  // Everything but the metadata, labels included.
  generation: (next, old) =>
    !semanticEqual(next.metadata.labels, old.metadata.labels) ||
    ['addressType', 'endpoints', 'ports'].some((field) => !semanticEqual(next[field], old[field])),
  validate: (slice, errors) => validateEndpointSlice(slice, errors),
  validateUpdate: validateEndpointSliceUpdate,
  warnings: endpointSliceWarnings,
  cells: (object, context) => [
    object.metadata.name!,
    object.addressType ?? '',
    ports(object),
    shorten((object.endpoints ?? []).flatMap((endpoint: any) => endpoint.addresses ?? [])),
    age(object, context),
  ],
});

function ports({ ports: list }: KubernetesObject): string {
  return shorten(
    (list ?? []).map(({ port, name }: any) => (port === undefined ? (name ? `${name}=*` : '*') : `${port}`)),
  );
}

/** `a,b,c + 2 more...`; `<unset>` for none. */
function shorten(texts: readonly string[]): string {
  if (texts.length === 0) return '<unset>';
  const shown = texts.slice(0, SHOWN).join(',');
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown;
}
