/**
 * The custom resources of EKS Auto Mode: node pools say which machines there may be, a node class says how they are made.
 * https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html
 */
import type { KubernetesObject } from '../../kubernetes/object';
import type { Client } from '../cluster/client';

export const NODE_POOLS = 'nodepools.karpenter.sh';
const CRITICAL = { key: 'CriticalAddonsOnly', effect: 'NoSchedule' };

/** Puts definitions, the default node class and the built-in pools that the cluster names into it. */
export function installAutoMode(client: Client, pools: readonly string[]): void {
  define(client, { group: 'karpenter.sh', version: 'v1', kind: 'NodePool', plural: 'nodepools' });
  define(client, { group: 'eks.amazonaws.com', version: 'v1', kind: 'NodeClass', plural: 'nodeclasses' });
  putOnce(client, 'nodeclasses.eks.amazonaws.com', {
    apiVersion: 'eks.amazonaws.com/v1',
    kind: 'NodeClass',
    metadata: { name: 'default' },
    spec: { ephemeralStorage: { size: '80Gi' } },
  } as KubernetesObject);
  for (const name of pools) putOnce(client, NODE_POOLS, builtInPool(name));
}

function builtInPool(name: string): KubernetesObject {
  const nodeClassRef = { group: 'eks.amazonaws.com', kind: 'NodeClass', name: 'default' };
  const requirements = [
    { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
    { key: 'eks.amazonaws.com/instance-category', operator: 'In', values: ['c', 'm', 'r'] },
    { key: 'kubernetes.io/arch', operator: 'In', values: name === 'system' ? ['amd64', 'arm64'] : ['amd64'] },
    { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
  ];
  const taints = name === 'system' ? { taints: [CRITICAL] } : {};
  return {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodePool',
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'eks' } },
    spec: {
      disruption: { consolidationPolicy: 'WhenEmptyOrUnderutilized', consolidateAfter: '30s' },
      template: { metadata: {}, spec: { nodeClassRef, requirements, ...taints } },
    },
  } as KubernetesObject;
}

function putOnce(client: Client, resource: string, object: KubernetesObject): void {
  if (!client.tryGet(resource, undefined, object.metadata.name!)) client.create(resource, object);
}

interface Definition {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
}

function define(client: Client, { group, version, kind, plural }: Definition): void {
  const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  putOnce(client, 'customresourcedefinitions.apiextensions.k8s.io', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: free, status: free } } },
        },
      ],
    },
  });
}
