/**
 * The objects of a fresh cluster, before anybody has asked for anything.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces
 */
import type { Client } from '../../client';

export interface BootstrapOptions {
  readonly serviceCidr: string;
}

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

export function bootstrap(client: Client, options: BootstrapOptions): void {
  for (const name of NAMESPACES) {
    client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const clusterIP = firstAddress(options.serviceCidr);
  client.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
      sessionAffinity: 'None',
    },
  });
}

/** 10.96.0.0/16 -> 10.96.0.1, which every cluster gives to its own API server. */
function firstAddress(cidr: string): string {
  const octets = cidr.split('/')[0]!.split('.').map(Number);
  octets[3]! += 1;
  return octets.join('.');
}
