/**
 * The objects of a fresh cluster, before anybody has asked for anything.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces
 */
import type { Client } from '../../client';
import { createFlowSchemas } from './flow-schemas';
import { createOwnService } from './own-service';
import { createPriorityLevels } from './priority-levels';
import { createRoles } from './rbac/index';
import type { SeedContext } from './seeder';

export interface BootstrapOptions {
  readonly serviceCidr: string;
  /** PEM. @default none: the server has no HTTPS door */
  readonly caCertificate?: string;
}

const CRITICAL = 'Used for system critical pods that must ';
const PRIORITY_CLASSES: readonly (readonly [name: string, value: number, description: string])[] = [
  [
    'system-cluster-critical',
    2_000_000_000,
    `${CRITICAL}run in the cluster, but can be moved to another node if necessary.`,
  ],
  ['system-node-critical', 2_000_001_000, `${CRITICAL}not be moved from their node.`],
];

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

export function bootstrap(context: SeedContext, options: BootstrapOptions): void {
  const { client } = context;
  for (const name of NAMESPACES) {
    client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    // Further namespaces get theirs from a controller; these have it at once, so that an API server alone can hold Pods.
    const metadata = { name: 'default', namespace: name };
    client.create('serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  }
  for (const [name, value, description] of PRIORITY_CLASSES) {
    client.create('priorityclasses.scheduling.k8s.io', {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      description,
      preemptionPolicy: 'PreemptLowerPriority',
    });
  }
  createPriorityLevels(context);
  createFlowSchemas(context);
  createRoles(context);
  createOwnService(client, options.serviceCidr);
  if (options.caCertificate) createAuthenticationInfo(client, options.caCertificate);
}

/** How servers that extend the API know its clients. https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/ */
function createAuthenticationInfo(client: Client, caCertificate: string): void {
  client.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: { 'client-ca-file': caCertificate },
  });
}
