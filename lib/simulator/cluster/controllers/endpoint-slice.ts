/**
 * EndpointSlices: the addresses behind a Service, in slices of at most 100. What kube-proxy, DNS and load balancers read.
 * https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
 *
 * Left out: IPv6 and dual stack; topology-aware hints by CPU share (`trafficDistribution` is there).
 */
import { semanticEqual } from '../../../kubernetes/equality';
import { formatTime, isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { isNotFound } from '../../../kubernetes/status-error';
import type { StoreEvent } from '../store';
import { type Controller, type ControllerContext, type ControllerDefinition, splitName } from './controller';
import { type Endpoint, type EndpointGroup, type PlannedSlice, planSlices } from './endpoint-slice-plan';
import { controlledBy, controllerReference, indexOwnership } from './ownership';
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

export const ENDPOINT_SLICES = 'endpointslices.discovery.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const ME = 'endpointslice-controller.k8s.io';
const ZONE = 'topology.kubernetes.io/zone';

export const endpointSliceController: ControllerDefinition = {
  name: 'endpointslice-controller',
  serviceAccount: 'endpointslice-controller',
  component: 'endpoint-slice-controller',
  create: createEndpointSliceController,
};

function createEndpointSliceController(context: ControllerContext): Controller {
  const { store, client } = context;
  indexPodLabels(store);
  indexOwnership(store, ENDPOINT_SLICES);

  function reconcile(key: string): undefined {
    const { namespace, name } = splitName(key);
    const service = store.get('services', namespace, name);
    // The slices of a Service that is gone are collected as its dependents.
    if (!service || isTerminating(service) || !selectsPods(service)) return undefined;
    const pods = podsWithLabels(store, namespace!, service.spec.selector);
    const slices = controlledBy(store, ENDPOINT_SLICES, service).filter((slice) => !isTerminating(slice));
    const { write, remove } = planSlices(groupByPorts(service, pods), slices);
    const trigger = formatTime(lastTrigger(service, pods));
    for (const slice of write) writeSlice(service, slice, trigger);
    for (const slice of remove) removeSlice(slice);
    return undefined;
  }

  /** Pods with different numbers for a named port cannot share a slice. */
  function groupByPorts(service: KubernetesObject, pods: readonly KubernetesObject[]): EndpointGroup[] {
    const groups = new Map<string, { ports: readonly ResolvedPort[]; endpoints: Endpoint[] }>();
    const portsOn = portResolver(service);
    for (const pod of pods) {
      if (!hasEndpoint(pod, true)) continue;
      const { key, ports } = portsOn(pod);
      const group = groups.get(key) ?? { ports, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpointOf(service, pod));
    }
    return [...groups.values()];
  }

  function endpointOf(service: KubernetesObject, pod: KubernetesObject): Endpoint {
    const serving = isPodReady(pod);
    const terminating = isTerminating(pod);
    const { nodeName } = pod.spec;
    const zone = store.get('nodes', undefined, nodeName ?? '')?.metadata.labels?.[ZONE];
    const hostname = hostnameIn(pod, service);
    const ready = Boolean(service.spec.publishNotReadyAddresses) || (serving && !terminating);
    const hints = ready ? hintsFor(service.spec.trafficDistribution, zone, nodeName) : undefined;
    return {
      addresses: [pod.status.podIP],
      conditions: { ready, serving, terminating },
      ...(hostname === undefined ? {} : { hostname }),
      targetRef: targetReference(pod),
      ...(nodeName ? { nodeName } : {}),
      ...(zone === undefined ? {} : { zone }),
      ...(hints ? { hints } : {}),
    } as Endpoint;
  }

  function writeSlice(service: KubernetesObject, slice: PlannedSlice, trigger: string): void {
    const desired = sliceOf(service, slice, trigger);
    if (!slice.found) client.create(ENDPOINT_SLICES, desired);
    else if (isChanged(slice.found, desired)) client.update(ENDPOINT_SLICES, desired);
  }

  function removeSlice({ metadata }: KubernetesObject): void {
    try {
      client.delete(ENDPOINT_SLICES, metadata.namespace, metadata.name!);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  return {
    watches: [
      { collection: 'services' },
      watchPodsOfServices(store),
      { collection: ENDPOINT_SLICES, names: serviceOfDeleted },
    ],
    reconcile,
  };
}

/** Somebody deleted one of our slices. */
function serviceOfDeleted({ type, object }: StoreEvent): string[] {
  const { namespace, labels } = object.metadata;
  if (type !== 'DELETED' || labels?.[MANAGED_BY] !== ME) return [];
  return labels[SERVICE_NAME] ? [`${namespace}/${labels[SERVICE_NAME]}`] : [];
}

function isChanged(found: KubernetesObject, desired: KubernetesObject): boolean {
  return (
    !semanticEqual(found.endpoints, desired.endpoints) ||
    !semanticEqual(found.ports, desired.ports) ||
    !semanticEqual(found.metadata.labels, desired.metadata.labels)
  );
}

function sliceOf(service: KubernetesObject, { found, ports, endpoints }: PlannedSlice, trigger: string) {
  const { namespace, name } = service.metadata;
  const labels = {
    ...service.metadata.labels,
    ...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
    [MANAGED_BY]: ME,
    [SERVICE_NAME]: name!,
  };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...(found
        ? found.metadata
        : { namespace, generateName: `${name}-`, ownerReferences: [controllerReference(service)] }),
      labels,
      annotations: { ...found?.metadata.annotations, [LAST_CHANGE]: trigger },
    },
    addressType: 'IPv4',
    endpoints: [...endpoints],
    ports: [...ports],
  };
}

/** `trafficDistribution`: who should rather use this endpoint. */
function hintsFor(distribution: string | undefined, zone: string | undefined, nodeName: string | undefined) {
  const forZones = zone === undefined ? undefined : [{ name: zone }];
  switch (distribution) {
    case 'PreferClose':
    case 'PreferSameZone':
      return forZones && { forZones };
    case 'PreferSameNode':
      return nodeName ? { ...(forZones ? { forZones } : {}), forNodes: [{ name: nodeName }] } : undefined;
    default:
      return undefined;
  }
}
