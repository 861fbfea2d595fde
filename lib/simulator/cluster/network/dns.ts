/**
 * The cluster's DNS: names of Services and of pods behind headless Services.
 * https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 *
 * Left out: SRV and PTR records, and names outside the cluster (add them with `addHost`).
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Store } from '../store';
import { endpointSlicesOf } from './service-routing';

const CLUSTER_DOMAIN = 'cluster.local';

export interface Dns {
  /** The addresses of a name as a pod of that namespace would find them; none when it does not exist. */
  resolve(name: string, namespace: string): readonly string[];
  /** Makes a name outside the cluster known, such as a load balancer's. */
  addHost(name: string, addresses: readonly string[]): void;
}

export function createDns(store: Store): Dns {
  const hosts = new Map<string, readonly string[]>();

  const lookUp = (fullName: string, depth = 0): readonly string[] => {
    const suffix = `.svc.${CLUSTER_DOMAIN}`;
    if (!fullName.endsWith(suffix)) return hosts.get(fullName) ?? [];
    const labels = fullName.slice(0, -suffix.length).split('.');
    if (labels.length < 2 || labels.length > 3) return [];
    const namespace = labels.pop()!;
    const serviceName = labels.pop()!;
    const podHost = labels.pop();
    const service = store.get('services', namespace, serviceName);
    if (!service) return [];
    const { clusterIP, type, externalName } = service.spec;
    if (type === 'ExternalName') return depth < 8 ? (hosts.get(externalName) ?? lookUp(externalName, depth + 1)) : [];
    if (podHost === undefined && clusterIP !== 'None') return clusterIP ? [clusterIP] : [];
    return headlessAddresses(store, service, podHost);
  };

  return {
    resolve(name, namespace) {
      const plain = name.replace(/\.$/, '').toLowerCase();
      // The search list of /etc/resolv.conf, then the name as it is.
      const searched = [`${namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN];
      for (const candidate of [...searched.map((domain) => `${plain}.${domain}`), plain]) {
        const found = lookUp(candidate);
        if (found.length > 0) return found;
      }
      return [];
    },
    addHost: (name, addresses) => void hosts.set(name.toLowerCase(), addresses),
  };
}

/** The addresses of ready pods, or of the one with that host name. */
function headlessAddresses(store: Store, service: KubernetesObject, podHost: string | undefined): string[] {
  const addresses: string[] = [];
  const all = service.spec.publishNotReadyAddresses === true;
  for (const slice of endpointSlicesOf(store, service)) {
    for (const endpoint of slice.endpoints ?? []) {
      if (podHost !== undefined && endpoint.hostname !== podHost) continue;
      if (all || endpoint.conditions?.ready !== false) addresses.push(...endpoint.addresses);
    }
  }
  return addresses;
}
