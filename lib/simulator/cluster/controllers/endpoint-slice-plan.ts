/**
 * Which endpoints go into which slice, so that a change touches as few slices as possible: every change of a slice is sent
 * to every node of the cluster.
 * https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#distribution-of-endpointslices
 *
 * Endpoints stay in their slice; new ones first fill slices that change anyway; what is left goes into the fullest slice
 * that has room for all of it, or else into new slices of 100. Slices that are not needed any more become new ones under
 * their old name before anything is deleted.
 *
 * Three slices of 100, 100 and 60 endpoints; one of the first goes, ten come: one fills the first slice (it changes anyway),
 * nine go to the third. The second is not touched.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { ResolvedPort } from './service-pods';

const MAX_ENDPOINTS = 100;

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly targetRef: { readonly uid: string };
}

/** The endpoints of all pods that have the same ports. */
export interface EndpointGroup {
  readonly ports: readonly ResolvedPort[];
  readonly endpoints: readonly Endpoint[];
}

/** A slice as it should be. */
export interface PlannedSlice {
  /** What is stored of it; absent when it is to be created. */
  readonly found?: KubernetesObject;
  readonly ports: readonly ResolvedPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SlicePlan {
  readonly write: readonly PlannedSlice[];
  readonly remove: readonly KubernetesObject[];
}

interface Filling {
  readonly slice: KubernetesObject;
  readonly endpoints: Endpoint[];
  changed: boolean;
}

export function planSlices(groups: readonly EndpointGroup[], slices: readonly KubernetesObject[]): SlicePlan {
  const unused = new Set(slices);
  const write: PlannedSlice[] = [];
  const create: PlannedSlice[] = [];
  for (const { ports, endpoints } of groups) {
    const key = portsKey(ports);
    const own = slices.filter((slice) => portsKey(slice.ports ?? []) === key);
    const { kept, added } = distribute(endpoints, own);
    for (const { slice, endpoints } of kept) {
      unused.delete(slice);
      write.push({ found: slice, ports, endpoints });
    }
    for (const endpoints of added) create.push({ ports, endpoints });
  }
  // A Service always has a slice, be it an empty one.
  if (write.length === 0 && create.length === 0) {
    const placeholder = slices.find((slice) => !slice.endpoints?.length && !slice.ports?.length);
    if (placeholder) unused.delete(placeholder);
    else create.push({ ports: [], endpoints: [] });
  }
  for (const slice of create) {
    const [recycled] = unused;
    if (recycled) unused.delete(recycled);
    write.push(recycled ? { ...slice, found: recycled } : slice);
  }
  return { write, remove: [...unused] };
}

function distribute(endpoints: readonly Endpoint[], slices: readonly KubernetesObject[]) {
  const wanted = new Map(endpoints.map((endpoint) => [endpoint.targetRef.uid, endpoint]));
  const fillings = slices.map((slice): Filling => {
    const kept: Endpoint[] = [];
    const before: readonly Endpoint[] = slice.endpoints ?? [];
    for (const { targetRef } of before) {
      const endpoint = wanted.get(targetRef?.uid);
      if (!endpoint) continue;
      wanted.delete(targetRef.uid);
      kept.push(endpoint);
    }
    return { slice, endpoints: kept, changed: kept.length < before.length };
  });
  const rest = [...wanted.values()];
  const fill = ({ endpoints }: Filling) => endpoints.push(...rest.splice(0, MAX_ENDPOINTS - endpoints.length));
  for (const filling of fillings) if (filling.changed && filling.endpoints.length > 0) fill(filling);
  const overflow = rest.length % MAX_ENDPOINTS;
  const roomy = fillings.filter(
    ({ endpoints }) => endpoints.length + overflow <= MAX_ENDPOINTS && endpoints.length > 0,
  );
  const fullest = roomy.sort((a, b) => b.endpoints.length - a.endpoints.length)[0];
  if (overflow > 0 && fullest) fullest.endpoints.push(...rest.splice(rest.length - overflow));
  const added: Endpoint[][] = [];
  while (rest.length > 0) added.push(rest.splice(0, MAX_ENDPOINTS));
  return { kept: fillings.filter(({ endpoints }) => endpoints.length > 0), added };
}

function portsKey(ports: readonly Partial<ResolvedPort>[]): string {
  return JSON.stringify(ports.map(({ name = '', protocol, port, appProtocol }) => [name, protocol, port, appProtocol]));
}
