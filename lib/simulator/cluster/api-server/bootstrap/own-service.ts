/**
 * The API server as a Service of its own cluster: `kubernetes.default`, with endpoints that it writes itself.
 * https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 *
 * Its endpoint is an address that nobody in the simulated network has: Pods find the Service, but cannot connect to it.
 */
import type { Client } from '../../client';

const NAME = 'kubernetes';
const NAMESPACE = 'default';
const PORT = 6443;
/** Of a range that is set aside for tests (RFC 2544). */
const ADDRESS = '198.18.0.1';

export function createOwnService(client: Client, serviceCidr: string): void {
  const clusterIP = firstAddress(serviceCidr);
  const metadata = { name: NAME, namespace: NAMESPACE };
  client.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: PORT }],
      sessionAffinity: 'None',
    },
  });
  const ports = [{ name: 'https', port: PORT, protocol: 'TCP' }];
  client.create('endpoints', {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: ADDRESS }], ports }],
  });
  client.create('endpointslices.discovery.k8s.io', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': NAME } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [ADDRESS], conditions: { ready: true } }],
    ports,
  });
}

/** 10.96.0.0/16 -> 10.96.0.1, which every cluster gives to its own API server. */
function firstAddress(cidr: string): string {
  const octets = cidr.split('/')[0]!.split('.').map(Number);
  octets[3]! += 1;
  return octets.join('.');
}
