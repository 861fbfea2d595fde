/**
 * Gives Services what they ask for: cluster IPs, node ports, and the node port of health checks.
 * https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
 *
 * What is taken is what stored Services have: nothing is remembered beside them, so nothing can leak.
 *
 * Left out: IPv6, more than one ServiceCIDR, and the IPAddress objects that record allocations.
 */
import { type ErrorList, root, throwIfInvalid } from '../../../../kubernetes/field-errors';
import type { Draft } from '../../../../kubernetes/kinds';
import { initializeFamilies, validateFamilies } from '../../../../kubernetes/kinds/service-families';
import type { KubernetesObject } from '../../../../kubernetes/object';
import type { Random } from '../../../random';
import type { Store } from '../../store';
import {
  type AddressRange,
  addressToNumber,
  numberToAddress,
  parseRange,
  pickOffset,
  reservedBand,
} from './address-range';

const COLLECTION = 'services';
const FIRST_NODE_PORT = 30_000;
const LAST_NODE_PORT = 32_767;
const NODE_PORTS = LAST_NODE_PORT - FIRST_NODE_PORT + 1;
const GROUP_KIND = { group: '', kind: 'Service' };

interface ServicePort {
  readonly port: number;
  readonly protocol?: string;
  nodePort?: number;
}

export class ServiceAllocator {
  private dryRun = false;
  private readonly range: AddressRange;

  constructor(
    private readonly store: Store,
    private readonly random: Random,
    serviceCidr: string,
  ) {
    this.range = parseRange(serviceCidr);
    store.addIndex(COLLECTION, 'clusterIP', ({ spec }) => spec?.clusterIPs ?? []);
    store.addIndex(COLLECTION, 'nodePort', (service) => nodePortsOf(service).map(String));
  }

  /**
   * Fills in what is missing. Addresses are given out before the Service is validated. A dry run gets the first address,
   * free or not, and node ports after the range, as the real server gives them.
   * @throws StatusError 422
   */
  allocate(draft: Draft, old: KubernetesObject | undefined, dryRun = false): void {
    this.dryRun = dryRun;
    const name = draft.metadata.name ?? '';
    throwIfInvalid(GROUP_KIND, name, validateFamilies(draft));
    const errors = initializeFamilies(draft, ['IPv4']);
    throwIfInvalid(GROUP_KIND, name, errors);
    this.allocateClusterIp(draft, old, errors);
    this.allocateNodePorts(draft, old, errors);
    this.allocateHealthCheckPort(draft, old, errors);
    throwIfInvalid(GROUP_KIND, name, errors);
  }

  private allocateClusterIp({ metadata, spec }: Draft, old: KubernetesObject | undefined, errors: ErrorList): void {
    if (spec.type === 'ExternalName' || spec.clusterIPs?.[0] === 'None') return;
    const path = root('spec').child('clusterIPs');
    const wanted: string | undefined = spec.clusterIPs?.[0] || spec.clusterIP || undefined;
    if (wanted === undefined) {
      const address = this.pickAddress();
      if (address === undefined) errors.invalid(path, [''], 'failed to allocate IP: range is full');
      else if (!metadata.name && !this.dryRun) errors.invalid(path, [''], `failed to allocate IP: ${nobodys(address)}`);
      else {
        spec.clusterIP = address;
        spec.clusterIPs = [address];
      }
      return;
    }
    if (old?.spec.clusterIPs?.includes(wanted)) return;
    const offset = addressToNumber(wanted) - this.range.first;
    if (offset < 0 || offset >= this.range.size) {
      const why = `provided IP is not in the valid range. The range of valid IPs is ${this.range.cidr}`;
      errors.invalid(path, [wanted], `failed to allocate IP ${wanted}: ${why}`);
    } else if (this.isTaken('clusterIP', wanted)) {
      errors.invalid(path, [wanted], `failed to allocate IP ${wanted}: provided IP is already allocated`);
    } else if (!metadata.name && !this.dryRun) {
      errors.invalid(path, [wanted], `failed to allocate IP ${wanted}: ${nobodys(wanted)}`);
    }
  }

  private pickAddress(): string | undefined {
    const { first, size, cidr } = this.range;
    if (this.dryRun) return cidr.split('/')[0];
    const isFree = (offset: number) => !this.isTaken('clusterIP', numberToAddress(first + offset));
    const offset = pickOffset(size, reservedBand(size, 16, 256), this.random, isFree);
    return offset === undefined ? undefined : numberToAddress(first + offset);
  }

  private allocateNodePorts({ spec }: Draft, old: KubernetesObject | undefined, errors: ErrorList): void {
    if (!needsNodePorts(spec)) return;
    const own = new Set(old ? nodePortsOf(old) : []);
    const ports: ServicePort[] = spec.ports ?? [];
    const given = new Set<number>();
    ports.forEach((port, index) => {
      if (!port.nodePort) return;
      // One number may serve several protocols of the same Service.
      const shared = given.has(port.nodePort);
      given.add(port.nodePort);
      if (!shared && !own.has(port.nodePort)) {
        this.checkPort(port.nodePort, errors, root('spec').child('ports').index(index).child('nodePort'));
      }
    });
    ports.forEach((port, index) => {
      if (port.nodePort) return;
      const sibling = ports.find(
        (other) => other.port === port.port && other.protocol !== port.protocol && other.nodePort,
      );
      const allocated = sibling?.nodePort ?? this.pickPort(given);
      if (allocated === undefined) {
        const path = root('spec').child('ports').index(index).child('nodePort');
        errors.invalid(path, 0, 'failed to allocate a nodePort: range is full');
        return;
      }
      port.nodePort = allocated;
      given.add(allocated);
    });
  }

  private allocateHealthCheckPort({ spec }: Draft, old: KubernetesObject | undefined, errors: ErrorList): void {
    if (spec.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local') return;
    const path = root('spec').child('healthCheckNodePort');
    if (!spec.healthCheckNodePort) {
      spec.healthCheckNodePort = this.pickPort(new Set((spec.ports ?? []).map((port: ServicePort) => port.nodePort)));
      return;
    }
    if (spec.healthCheckNodePort !== old?.spec.healthCheckNodePort)
      this.checkPort(spec.healthCheckNodePort, errors, path);
  }

  private checkPort(port: number, errors: ErrorList, path: Parameters<ErrorList['invalid']>[0]): void {
    if (!this.dryRun && (port < FIRST_NODE_PORT || port > LAST_NODE_PORT)) {
      const range = `${FIRST_NODE_PORT}-${LAST_NODE_PORT}`;
      errors.invalid(path, port, `provided port is not in the valid range. The range of valid ports is ${range}`);
    } else if (this.isTaken('nodePort', String(port))) {
      errors.invalid(path, port, 'provided port is already allocated');
    }
  }

  private pickPort(given: ReadonlySet<number | undefined>): number | undefined {
    // A dry run guesses: the number after the highest so far, or after the range.
    if (this.dryRun) return Math.max(...[...given].map((port) => port ?? 0), given.size === 0 ? LAST_NODE_PORT : 0) + 1;
    const isFree = (offset: number) => {
      const port = FIRST_NODE_PORT + offset;
      return !given.has(port) && !this.isTaken('nodePort', String(port));
    };
    const offset = pickOffset(NODE_PORTS, reservedBand(NODE_PORTS, 32, 128), this.random, isFree);
    return offset === undefined ? undefined : FIRST_NODE_PORT + offset;
  }

  private isTaken(index: string, key: string): boolean {
    for (const _ of this.store.byIndex(COLLECTION, index, key)) return true;
    return false;
  }
}

/** An address is recorded by an IPAddress that names its Service. */
const nobodys = (address: string): string =>
  `IPAddress.networking.k8s.io "${address}" is invalid: spec.parentRef.name: Required value`;

function needsNodePorts(spec: KubernetesObject['spec']): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

function nodePortsOf({ spec }: KubernetesObject): number[] {
  const ports: (number | undefined)[] = (spec?.ports ?? []).map((port: ServicePort) => port.nodePort);
  return [...ports, spec?.healthCheckNodePort].filter((port) => port !== undefined && port !== 0);
}
