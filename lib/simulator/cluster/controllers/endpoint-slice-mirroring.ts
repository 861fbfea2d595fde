/**
 * EndpointSlice mirroring: Endpoints that somebody wrote by hand, for a Service without selector, as EndpointSlices - which is
 * what everybody reads.
 * https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#endpointslice-mirroring
 *
 * Left out: IPv6 addresses and more than 1,000 addresses of one subset, which are not mirrored.
 */
import { semanticEqual } from '../../../kubernetes/equality';
import type { KubernetesObject } from '../../../kubernetes/object';
import { isNotFound } from '../../../kubernetes/status-error';
import { type Controller, type ControllerContext, type ControllerDefinition, nameOf, splitName } from './controller';
import { ENDPOINT_SLICES } from './endpoint-slice';
import { controlledBy, controllerReference, indexOwnership } from './ownership';
import { LAST_CHANGE, selectsPods } from './service-pods';

const ME = 'endpointslicemirroring-controller.k8s.io';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const SERVICE_NAME = 'kubernetes.io/service-name';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const MAX_ADDRESSES = 1_000;

export const endpointSliceMirroringController: ControllerDefinition = {
  name: 'endpointslice-mirroring-controller',
  serviceAccount: 'endpointslicemirroring-controller',
  component: 'endpoint-slice-mirroring-controller',
  create: createMirroringController,
};

function createMirroringController({ store, client }: ControllerContext): Controller {
  indexOwnership(store, ENDPOINT_SLICES);

  function reconcile(key: string): undefined {
    const { namespace, name } = splitName(key);
    const endpoints = store.get('endpoints', namespace, name);
    const service = store.get('services', namespace, name);
    // The mirror belongs to the Endpoints, and is collected with them.
    if (!endpoints) return undefined;
    const found = controlledBy(store, ENDPOINT_SLICES, endpoints);
    const wanted = service && !selectsPods(service) && isMirrored(endpoints) ? mirror(endpoints) : [];
    const unused = new Set(found);
    for (const slice of wanted) {
      const same = [...unused].find((each) => semanticEqual(each.ports, slice.ports)) ?? [...unused][0];
      if (same) unused.delete(same);
      write(slice, same);
    }
    for (const { metadata } of unused) remove(metadata);
    return undefined;
  }

  function write(slice: KubernetesObject, found: KubernetesObject | undefined): void {
    if (!found) {
      client.create(ENDPOINT_SLICES, slice);
    } else if (!semanticEqual([found.endpoints, found.ports], [slice.endpoints, slice.ports])) {
      client.update(ENDPOINT_SLICES, { ...found, endpoints: slice.endpoints, ports: slice.ports });
    }
  }

  function remove({ namespace, name }: KubernetesObject['metadata']): void {
    try {
      client.delete(ENDPOINT_SLICES, namespace, name!);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  return {
    watches: [{ collection: 'endpoints' }, { collection: 'services', names: ({ object }) => [nameOf(object)] }],
    reconcile,
  };
}

function isMirrored({ metadata: { labels, annotations } }: KubernetesObject): boolean {
  return labels?.[SKIP] !== 'true' && annotations?.[LEADER] === undefined;
}

function mirror(endpoints: KubernetesObject): KubernetesObject[] {
  const { namespace, name, labels, annotations } = endpoints.metadata;
  const {
    [LAST_CHANGE]: _trigger,
    'kubectl.kubernetes.io/last-applied-configuration': _applied,
    ...kept
  } = annotations ?? {};
  return (endpoints.subsets ?? []).map(
    ({ addresses = [], notReadyAddresses = [], ports = [] }: any): KubernetesObject => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${name}-`,
        namespace,
        labels: { ...labels, [MANAGED_BY]: ME, [SERVICE_NAME]: name! },
        ...(Object.keys(kept).length > 0 ? { annotations: kept } : {}),
        ownerReferences: [controllerReference(endpoints)],
      },
      addressType: 'IPv4',
      endpoints: [
        ...addresses.map((address: any) => endpoint(address, true)),
        ...notReadyAddresses.map((address: any) => endpoint(address, false)),
      ].slice(0, MAX_ADDRESSES),
      ports: ports.map((port: any) => ({ name: '', ...port })),
    }),
  );
}

function endpoint({ ip, hostname, nodeName, targetRef }: any, ready: boolean) {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(targetRef ? { targetRef } : {}),
    ...(nodeName ? { nodeName } : {}),
  };
}
