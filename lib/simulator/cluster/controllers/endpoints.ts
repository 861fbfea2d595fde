/**
 * Endpoints: the addresses behind a Service in their first form, one object of the Service's name. Deprecated since 1.33
 * in favour of EndpointSlices, but still kept.
 * https://kubernetes.io/docs/concepts/services-networking/service/#endpoints
 *
 * An object holds 1,000 addresses; of more, those that are not ready are left out first, and an annotation says so.
 */
import { createHash } from 'node:crypto';
import { semanticEqual } from '../../../kubernetes/equality';
import { formatTime, type KubernetesObject } from '../../../kubernetes/object';
import { isNotFound } from '../../../kubernetes/status-error';
import { type ControllerDefinition, nameOf, splitName } from './controller';
import { goDump } from './go-dump';
import { isPodReady } from './pods';
import {
  hasEndpoint,
  hostnameIn,
  indexPodLabels,
  isHeadless,
  LAST_CHANGE,
  lastTrigger,
  podsWithLabels,
  portResolver,
  type ResolvedPort,
  selectsPods,
  targetReference,
  watchPodsOfServices,
} from './service-pods';

const CAPACITY = 1_000;
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';

export const endpointsController: ControllerDefinition = {
  name: 'endpoints-controller',
  serviceAccount: 'endpoint-controller',
  create: ({ store, client }) => {
    indexPodLabels(store);
    return {
      watches: [
        { collection: 'services' },
        watchPodsOfServices(store),
        { collection: 'endpoints', names: ({ type, object }) => (type === 'DELETED' ? [nameOf(object)] : []) },
      ],
      reconcile(key) {
        const { namespace, name } = splitName(key);
        const service = store.get('services', namespace, name);
        const found = store.get('endpoints', namespace, name);
        if (!service) {
          // Without a Service they go; those of the API server itself never had a selector.
          if (found?.metadata.labels?.[MANAGED_BY]) removeQuietly(() => client.delete('endpoints', namespace, name));
          return undefined;
        }
        if (!selectsPods(service)) return undefined;
        const pods = podsWithLabels(store, namespace!, service.spec.selector);
        const desired = endpointsOf(service, pods, found);
        if (!found) client.create('endpoints', desired);
        else if (isChanged(found, desired)) client.update('endpoints', desired);
        return undefined;
      },
    };
  },
};

function removeQuietly(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function isChanged(found: KubernetesObject, desired: KubernetesObject): boolean {
  return (
    !semanticEqual(found.subsets, desired.subsets) || !semanticEqual(found.metadata.labels, desired.metadata.labels)
  );
}

function endpointsOf(
  service: KubernetesObject,
  pods: readonly KubernetesObject[],
  found: KubernetesObject | undefined,
): KubernetesObject {
  const all = subsetsOf(service, pods);
  const { subsets, isTruncated } = withinCapacity(all);
  const labels = {
    ...service.metadata.labels,
    ...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
    [MANAGED_BY]: 'endpoint-controller',
  };
  const { [OVER_CAPACITY]: _before, ...kept } = found?.metadata.annotations ?? {};
  const annotations = {
    ...kept,
    [LAST_CHANGE]: formatTime(lastTrigger(service, pods)),
    ...(isTruncated ? { [OVER_CAPACITY]: 'truncated' } : {}),
  };
  const { namespace, name } = service.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...found?.metadata, namespace, name, labels, annotations },
    ...(subsets.length > 0 ? { subsets } : {}),
  };
}

/** Cuts each subset to its share of what fits: ready addresses first. */
function withinCapacity(subsets: readonly any[]): {
  readonly subsets: readonly object[];
  readonly isTruncated: boolean;
} {
  const count = (field: string) => subsets.reduce((total, subset) => total + (subset[field]?.length ?? 0), 0);
  const [ready, notReady] = [count('addresses'), count('notReadyAddresses')];
  if (ready + notReady <= CAPACITY) return { subsets, isTruncated: false };
  const room = { addresses: Math.min(ready, CAPACITY), notReadyAddresses: Math.max(0, CAPACITY - ready) };
  const cut = subsets.map((subset) => {
    const take = (field: 'addresses' | 'notReadyAddresses') => {
      const taken = (subset[field] ?? []).slice(0, room[field]);
      room[field] -= taken.length;
      return taken.length > 0 ? { [field]: taken } : {};
    };
    const { addresses: _addresses, notReadyAddresses: _notReady, ...rest } = subset;
    return { ...take('addresses'), ...take('notReadyAddresses'), ...rest };
  });
  return { subsets: cut, isTruncated: true };
}

interface Subset {
  readonly ports: readonly ResolvedPort[];
  readonly addresses: { readonly ip: string }[];
  readonly notReadyAddresses: { readonly ip: string }[];
}

/** Pods with the same ports share a subset. */
function subsetsOf(service: KubernetesObject, pods: readonly KubernetesObject[]): object[] {
  const publishNotReady = service.spec.publishNotReadyAddresses ?? false;
  const subsets = new Map<string, Subset>();
  const portsOn = portResolver(service);
  for (const pod of pods) {
    if (!hasEndpoint(pod, publishNotReady)) continue;
    const { key, ports } = portsOn(pod);
    if (ports.length === 0 && !(isHeadless(service) && !service.spec.ports?.length)) continue;
    const subset = subsets.get(key) ?? { ports: [...ports].sort(byHash), addresses: [], notReadyAddresses: [] };
    subsets.set(key, subset);
    const list = publishNotReady || isPodReady(pod) ? subset.addresses : subset.notReadyAddresses;
    const hostname = hostnameIn(pod, service);
    list.push({
      ip: pod.status.podIP,
      ...(hostname === undefined ? {} : { hostname }),
      ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
      targetRef: targetReference(pod),
    } as { ip: string });
  }
  return [...subsets.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { ports, addresses, notReadyAddresses }]) => ({
      ...(addresses.length > 0 ? { addresses: byAddress(addresses) } : {}),
      ...(notReadyAddresses.length > 0 ? { notReadyAddresses: byAddress(notReadyAddresses) } : {}),
      ...(ports.length > 0 ? { ports: ports.map(withoutEmptyName) } : {}),
    }));
}

const withoutEmptyName = ({ name, ...rest }: ResolvedPort) => (name === '' ? rest : { name, ...rest });

function byAddress<T extends { readonly ip: string }>(addresses: readonly T[]): T[] {
  const value = ({ ip }: T) => ip.split('.').reduce((total, octet) => total * 256 + Number(octet), 0);
  return addresses
    .map((address) => ({ address, order: value(address) }))
    .sort((a, b) => a.order - b.order)
    .map(({ address }) => address);
}

/** The real controller sorts ports by the MD5 of their dump, so their order looks random but is always the same. */
function byHash(a: ResolvedPort, b: ResolvedPort): number {
  return portHash(a) < portHash(b) ? -1 : 1;
}

const hashes = new Map<string, string>();

function portHash(port: ResolvedPort): string {
  const text = goDump('io.k8s.api.core.v1.EndpointPort', 'v1.EndpointPort', port);
  let hash = hashes.get(text);
  if (hash === undefined) {
    hash = createHash('md5').update(text).digest('hex');
    hashes.set(text, hash);
  }
  return hash;
}
