/**
 * NetworkPolicies from connections that the program declares. Whoever takes part in a connection is isolated in that direction: a
 * source may go where it said (and ask DNS, without which it would go nowhere), a target takes those that it was told of. Each
 * workload has at most one policy, with its own name. https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
import type * as networkingv1 from '../../kubernetes/types/networking-v1.generated';
import { NetworkPolicy } from '../kinds.generated';
import type { Workload } from './workload';

/** Another workload, addresses (`10.0.0.0/16`), everybody (`anywhere`), or a peer as the wire has it. */
export type Peer = Workload | 'anywhere' | `${string}/${number}` | networkingv1.NetworkPolicyPeer;

type Rule = { readonly peers?: networkingv1.NetworkPolicyPeer[]; readonly ports?: networkingv1.NetworkPolicyPort[] };

const DNS: Rule = {
  peers: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

const policies = new WeakMap<Workload, networkingv1.NetworkPolicySpec>();

/** Starts with a policy that allows nothing in no direction yet. */
function policyOf(workload: Workload): networkingv1.NetworkPolicySpec {
  let spec = policies.get(workload);
  if (spec === undefined) {
    spec = { podSelector: workload.podSelector, policyTypes: [] };
    policies.set(workload, spec);
    new NetworkPolicy(workload, workload.name, { metadata: workload.companionMetadata(), spec });
  }
  return spec;
}

export function allowEgress(workload: Workload, peer: Peer, ports: readonly (string | number)[]): void {
  const spec = policyOf(workload);
  if (spec.egress === undefined) {
    spec.policyTypes = [...(spec.policyTypes ?? []), 'Egress'];
    spec.egress = [{ to: DNS.peers, ports: DNS.ports }];
  }
  const { peers, ports: numbers } = ruleFor(workload, peer, isWorkload(peer) ? peer.portNumbers(ports) : ports);
  spec.egress.push({ ...(peers ? { to: peers } : {}), ...(numbers ? { ports: numbers } : {}) });
}

export function allowIngress(workload: Workload, peer: Peer, ports: readonly (string | number)[]): void {
  const spec = policyOf(workload);
  if (spec.ingress === undefined) {
    spec.policyTypes = [...(spec.policyTypes ?? []), 'Ingress'];
    spec.ingress = [];
  }
  const { peers, ports: numbers } = ruleFor(workload, peer, workload.portNumbers(ports));
  spec.ingress.push({ ...(peers ? { from: peers } : {}), ...(numbers ? { ports: numbers } : {}) });
}

function ruleFor(from: Workload, peer: Peer, ports: readonly (string | number | WirePort)[]): Rule {
  return {
    ...(peer === 'anywhere' ? {} : { peers: [wirePeer(from, peer)] }),
    ...(ports.length === 0 ? {} : { ports: ports.map(wirePort) }),
  };
}

export interface WirePort {
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
}

const wirePort = (port: string | number | WirePort): networkingv1.NetworkPolicyPort =>
  typeof port === 'object' ? { protocol: 'TCP', ...port } : { protocol: 'TCP', port };

function wirePeer(from: Workload, peer: Exclude<Peer, 'anywhere'>): networkingv1.NetworkPolicyPeer {
  if (typeof peer === 'string') return { ipBlock: { cidr: peer } };
  if (!isWorkload(peer)) return peer;
  const { podSelector, namespace } = peer;
  if (namespace === undefined || namespace === from.namespace) return { podSelector };
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } }, podSelector };
}

export const isWorkload = (peer: Peer): peer is Workload =>
  typeof peer === 'object' && 'podSelector' in peer && 'node' in peer;
