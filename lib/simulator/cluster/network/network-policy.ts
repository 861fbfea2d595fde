/**
 * NetworkPolicies: who may talk to whom.
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/
 *
 * A pod that no policy selects talks to everybody. Once a policy selects it for a direction, only what some policy allows
 * gets through; policies add up. A pod's own node always reaches it, so probes never fail by policy.
 *
 * On EKS the VPC CNI enforces policies only when that is switched on; here they always count.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { compileLabelSelector } from '../../../kubernetes/selectors';
import type { Store } from '../store';
import { cidrContains } from './addresses';

const COLLECTION = 'networkpolicies.networking.k8s.io';

/** One end of a connection: a pod of the cluster, or an address that is nobody's. */
export interface Party {
  readonly address: string;
  readonly pod?: KubernetesObject;
}

export type Direction = 'Ingress' | 'Egress';

export interface Denial {
  readonly direction: Direction;
  /** `<namespace>/<name>` of the pod whose policies deny it. */
  readonly pod: string;
  /** The policies that select the pod, none of which allows it. */
  readonly policies: readonly string[];
}

/** Why a connection is not allowed; undefined when it is. */
export function denialOf(store: Store, from: Party, to: Party, port: number): Denial | undefined {
  if (store.count(COLLECTION) === 0) return undefined;
  return directionDenial(store, 'Egress', from, to, to, port) ?? directionDenial(store, 'Ingress', to, from, to, port);
}

/** @param subject whose policies are asked; @param peer the other end; @param target the end with the port */
function directionDenial(
  store: Store,
  direction: Direction,
  subject: Party,
  peer: Party,
  target: Party,
  port: number,
): Denial | undefined {
  const { pod } = subject;
  if (!pod) return undefined;
  const policies = [...store.list(COLLECTION, pod.metadata.namespace)].filter(
    ({ spec }) =>
      typesOf(spec).includes(direction) && compileLabelSelector(spec.podSelector ?? {})(pod.metadata.labels ?? {}),
  );
  if (policies.length === 0) return undefined;
  const isAllowed = policies.some(({ metadata, spec }) =>
    rulesOf(spec, direction).some(
      ({ peers, ports }) =>
        (peers.length === 0 || peers.some((each) => matchesPeer(store, each, metadata.namespace!, peer))) &&
        (ports.length === 0 || ports.some((each) => matchesPort(each, target, port))),
    ),
  );
  if (isAllowed) return undefined;
  const names = policies.map(({ metadata }) => metadata.name!).sort();
  return { direction, pod: `${pod.metadata.namespace}/${pod.metadata.name}`, policies: names };
}

/** Without types a policy is about ingress, and about egress when it has rules for that. */
function typesOf(spec: any): readonly string[] {
  return spec.policyTypes ?? (spec.egress ? ['Ingress', 'Egress'] : ['Ingress']);
}

function rulesOf(spec: any, direction: Direction): { peers: any[]; ports: any[] }[] {
  const rules: any[] = (direction === 'Ingress' ? spec.ingress : spec.egress) ?? [];
  return rules.map((rule) => ({
    peers: (direction === 'Ingress' ? rule.from : rule.to) ?? [],
    ports: rule.ports ?? [],
  }));
}

function matchesPeer(store: Store, peer: any, ownNamespace: string, { address, pod }: Party): boolean {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock) {
    const excluded: string[] = ipBlock.except ?? [];
    return cidrContains(ipBlock.cidr, address) && !excluded.some((cidr) => cidrContains(cidr, address));
  }
  if (!pod) return false;
  const { namespace, labels } = pod.metadata;
  if (namespaceSelector) {
    const ownLabels = store.get('namespaces', undefined, namespace!)?.metadata.labels ?? {};
    if (!compileLabelSelector(namespaceSelector)(ownLabels)) return false;
  } else if (namespace !== ownNamespace) {
    return false;
  }
  return !podSelector || compileLabelSelector(podSelector)(labels ?? {});
}

function matchesPort({ protocol = 'TCP', port: wanted, endPort }: any, target: Party, port: number): boolean {
  if (protocol !== 'TCP') return false;
  if (wanted === undefined) return true;
  if (typeof wanted === 'number') return endPort ? port >= wanted && port <= endPort : port === wanted;
  const containers: any[] = target.pod?.spec.containers ?? [];
  return containers.some(({ ports = [] }) =>
    ports.some(({ name, containerPort }: any) => name === wanted && containerPort === port),
  );
}
