/**
 * What kube-proxy does: from the address of a Service, or a port of a node, to one of its ready endpoints.
 * https://kubernetes.io/docs/reference/networking/virtual-ips/
 *
 * Endpoints come from EndpointSlices: ready ones; when none is ready, those that are terminating but still serve. The
 * seed chooses among them. Nodes learn of a change a moment after it was written: that moment is why a pod that stops
 * listening at once, when it is deleted, still gets requests. All nodes learn at the same time.
 *
 * Who asks from a node gets endpoints of that node (`internalTrafficPolicy: Local`), or rather those that are meant for the
 * node or its zone (topology hints), when all endpoints have hints and one is meant for it.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Random } from '../../random';
import type { Actor } from '../../simulation';
import { ChangeFeed } from '../change-feed';
import type { ClusterContext } from '../context';
import type { Store } from '../store';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly nodeName: string | undefined;
}

interface HintedEndpoint extends Endpoint {
  /** For whom it is meant. */
  readonly hints: { readonly forZones?: readonly any[]; readonly forNodes?: readonly any[] } | undefined;
}

/** The way through one Service. */
export interface Route {
  /** `<namespace>/<name>` */
  readonly service: string;
  /** False when the address is the Service's but the port is not. */
  readonly isServed: boolean;
  /** @param fromNode where the client is, when it is in the cluster */
  pick(clientIp: string, fromNode?: string): Endpoint | undefined;
}

export interface ServiceRouting {
  tryClusterIp(address: string, port: number): Route | undefined;
  tryNodePort(nodeName: string, port: number): Route | undefined;
}

/** From the write of an EndpointSlice to new rules on the nodes. */
const PROGRAMMING_MS = 500;
const SLICES = 'endpointslices.discovery.k8s.io';
const BY_CLUSTER_IP = 'network/clusterIP';
const BY_NODE_PORT = 'network/nodePort';
const SLICES_BY_SERVICE = 'network/service';
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const ZONE = 'topology.kubernetes.io/zone';
const AFFINITY_DEFAULT_SECONDS = 10_800;

/** The EndpointSlices of a Service, in the order of their names. */
export function endpointSlicesOf(store: Store, service: KubernetesObject): KubernetesObject[] {
  const { namespace, name } = service.metadata;
  store.addIndex(SLICES, SLICES_BY_SERVICE, ({ metadata }) => {
    const owner = metadata.labels?.[SERVICE_NAME_LABEL];
    return owner === undefined ? [] : [`${metadata.namespace}/${owner}`];
  });
  const slices = [...store.byIndex(SLICES, SLICES_BY_SERVICE, `${namespace}/${name}`)];
  return slices.sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
}

/** The EndpointSlices as the nodes know them. */
function programmedSlices({ store, simulation }: ClusterContext): (service: string) => Iterable<KubernetesObject> {
  const known = new Map<string, Map<string, KubernetesObject>>();
  const changed = new Map<string, KubernetesObject>();
  const program = () => {
    for (const [key, { metadata }] of changed) {
      const { namespace, name, labels } = metadata;
      const service = `${namespace}/${labels?.[SERVICE_NAME_LABEL]}`;
      const slices = known.get(service) ?? new Map<string, KubernetesObject>();
      const current = store.get(SLICES, namespace, name!);
      if (current) slices.set(key, current);
      else slices.delete(key);
      if (slices.size > 0) known.set(service, slices);
      else known.delete(service);
    }
    changed.clear();
  };
  const actor: Actor = {
    name: 'kube-proxy',
    step() {
      feed.read();
      return false;
    },
  };
  const feed = new ChangeFeed(store, () => simulation.wake(actor));
  feed.follow(SLICES, (object, previous) => {
    if (changed.size === 0) simulation.clock.after(PROGRAMMING_MS, program);
    const slice = (object ?? previous)!;
    changed.set(`${slice.metadata.namespace}/${slice.metadata.name}`, slice);
  });
  simulation.wake(actor);
  return (service) => known.get(service)?.values() ?? [];
}

export function createServiceRouting(context: ClusterContext, random: Random): ServiceRouting {
  const { store, simulation } = context;
  const slicesOf = programmedSlices(context);
  store.addIndex('services', BY_CLUSTER_IP, ({ spec, status }) => [
    ...(spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : [])),
    ...(spec.externalIPs ?? []),
    ...(status?.loadBalancer?.ingress ?? []).flatMap(({ ip }: any) => (ip ? [ip] : [])),
  ]);
  store.addIndex('services', BY_NODE_PORT, ({ spec }) =>
    (spec.ports ?? []).flatMap(({ nodePort }: any) => (nodePort ? [String(nodePort)] : [])),
  );
  /** Which endpoint a client was sent to last, and until when it stays with it. */
  const sticky = new Map<string, { readonly address: string; readonly until: number }>();

  const routeOf = (service: KubernetesObject, servicePort: any, localTo: string | undefined): Route => {
    const name = `${service.metadata.namespace}/${service.metadata.name}`;
    return {
      service: name,
      isServed: servicePort !== undefined,
      pick(clientIp, fromNode) {
        const isInternal = localTo === undefined && service.spec.internalTrafficPolicy === 'Local';
        const onlyOn = isInternal ? (fromNode ?? '') : localTo;
        const all = endpointsOf(slicesOf(name), service, servicePort, onlyOn);
        const endpoints = onlyOn === undefined ? nearest(all, fromNode) : all;
        if (endpoints.length === 0) return undefined;
        if (service.spec.sessionAffinity !== 'ClientIP') return random.pick(endpoints);
        const key = `${name}|${servicePort.port}|${clientIp}`;
        const now = simulation.clock.now();
        const before = sticky.get(key);
        const same = before && before.until > now && endpoints.find(({ address }) => address === before.address);
        const chosen = same || random.pick(endpoints);
        const seconds = service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_DEFAULT_SECONDS;
        sticky.set(key, { address: chosen.address, until: now + seconds * 1000 });
        return chosen;
      },
    };
  };

  /** https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-distribution */
  const nearest = (endpoints: readonly HintedEndpoint[], fromNode: string | undefined): readonly Endpoint[] => {
    if (fromNode === undefined || !endpoints.every(({ hints }) => hints)) return endpoints;
    const sameNode = endpoints.filter(({ hints }) => hints!.forNodes?.some(({ name }: any) => name === fromNode));
    if (sameNode.length > 0) return sameNode;
    const zone = store.get('nodes', undefined, fromNode)?.metadata.labels?.[ZONE];
    const sameZone = endpoints.filter(({ hints }) => hints!.forZones?.some(({ name }: any) => name === zone));
    return sameZone.length > 0 ? sameZone : endpoints;
  };

  return {
    tryClusterIp(address, port) {
      const [service] = store.byIndex('services', BY_CLUSTER_IP, address);
      if (!service || address === 'None') return undefined;
      return routeOf(
        service,
        service.spec.ports?.find((each: any) => each.port === port),
        undefined,
      );
    },
    tryNodePort(nodeName, port) {
      const [service] = store.byIndex('services', BY_NODE_PORT, String(port));
      if (!service) return undefined;
      const local = service.spec.externalTrafficPolicy === 'Local' ? nodeName : undefined;
      return routeOf(
        service,
        service.spec.ports.find((each: any) => each.nodePort === port),
        local,
      );
    },
  };
}

/** @param localTo only endpoints on this node (externalTrafficPolicy Local). */
function endpointsOf(
  slices: Iterable<KubernetesObject>,
  service: KubernetesObject,
  servicePort: any,
  localTo: string | undefined,
): HintedEndpoint[] {
  const ready: HintedEndpoint[] = [];
  const draining: HintedEndpoint[] = [];
  const anyway = service.spec.publishNotReadyAddresses === true;
  for (const slice of slices) {
    const port = slice.ports?.find(({ name }: any) => (name ?? '') === (servicePort.name ?? ''))?.port;
    if (port === undefined) continue;
    for (const { addresses, conditions = {}, nodeName, hints } of slice.endpoints ?? []) {
      if (localTo !== undefined && nodeName !== localTo) continue;
      const list =
        anyway || conditions.ready !== false
          ? ready
          : conditions.serving && conditions.terminating
            ? draining
            : undefined;
      list?.push({ address: addresses[0], port, nodeName, hints });
    }
  }
  return ready.length > 0 ? ready : draining;
}
