/**
 * Which targets a target group should have now: for type `ip` the addresses of ready Pods, for type `instance` the node
 * port on every ready node.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/how-it-works/#instance-mode
 */
import type { KubernetesObject } from '../../kubernetes/object';
import type { Store } from '../cluster/store';
import type { Target } from './load-balancer-deployer';
import type { TargetGroupModel } from './load-balancer-model';

export function targetsOf(store: Store, group: Pick<TargetGroupModel, 'service' | 'targetType'>): Target[] {
  const { namespace, name, port } = group.service;
  const service = store.get('services', namespace, name);
  const servicePort = (service?.spec.ports ?? []).find(
    (one: { name?: string; port: number }) => one.name === port || one.port === port,
  );
  if (!servicePort) return [];
  const targets =
    group.targetType === 'ip'
      ? podTargets(store, namespace, name, servicePort.name ?? '')
      : nodeTargets(store, servicePort.nodePort);
  return targets.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.port - b.port));
}

interface EndpointSlice extends KubernetesObject {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
}

function podTargets(store: Store, namespace: string, service: string, portName: string): Target[] {
  const targets: Target[] = [];
  for (const slice of store.list('endpointslices.discovery.k8s.io', namespace) as Iterable<EndpointSlice>) {
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== service) continue;
    const port = slice.ports?.find((one) => (one.name ?? '') === portName)?.port;
    if (port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready !== false) targets.push({ id: endpoint.addresses[0]!, port });
    }
  }
  return targets;
}

function nodeTargets(store: Store, nodePort: number | undefined): Target[] {
  if (nodePort === undefined) return [];
  const targets: Target[] = [];
  for (const node of store.list('nodes')) {
    const ready = node.status?.conditions?.some(
      (condition: { type: string; status: string }) => condition.type === 'Ready' && condition.status === 'True',
    );
    const excluded = 'node.kubernetes.io/exclude-from-external-load-balancers' in (node.metadata.labels ?? {});
    // `aws:///eu-west-1a/i-0123`
    const instance = String(node.spec?.providerID ?? '')
      .split('/')
      .pop();
    if (ready && !excluded && instance) targets.push({ id: instance, port: nodePort });
  }
  return targets;
}
