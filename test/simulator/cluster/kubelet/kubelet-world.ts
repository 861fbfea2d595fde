/** A cluster with one node, and short ways to look at its pods. */
import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import type { Client } from '../../../../lib/simulator/cluster/client';
import { Cluster } from '../../../../lib/simulator/cluster/cluster';
import type { Kubelets } from '../../../../lib/simulator/cluster/kubelet/kubelets';

export interface KubeletWorld {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly kubelets: Kubelets;
  /** Creates a pod named `web` of these containers, or of this spec. */
  run(spec: Record<string, unknown>, metadata?: Record<string, unknown>): KubernetesObject;
  pod(name?: string): KubernetesObject;
  tryPod(name?: string): KubernetesObject | undefined;
  status(container?: string, pod?: string): any;
  condition(type: string, pod?: string): any;
  /** `reason: message` of the pod's events, in the order in which they were first seen. */
  events(name?: string): string[];
  logs(container?: string, pod?: string): string;
  exec(
    command: readonly string[],
    container?: string,
    pod?: string,
  ): { stdout: string; stderr: string; exitCode: number };
  settle(): void;
  advance(duration: string): void;
}

export function kubeletWorld(options: { seed?: number; nodes?: number } = {}): KubeletWorld {
  const cluster = new Cluster({ seed: options.seed });
  const client = cluster.clientFor('test');
  const kubelets = cluster.kubelets!;
  cluster.simulation.settle();
  if (!client.tryGet('namespaces', undefined, 'default')) {
    client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  }
  for (let i = 0; i < (options.nodes ?? 1); i++) kubelets.addNode({ name: `node-${i}`, zone: `zone-${i % 3}` });
  const pod = (name = 'web') => client.get('pods', 'default', name);
  return {
    cluster,
    client,
    kubelets,
    run(spec, metadata = {}) {
      return client.create('pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'web', namespace: 'default', ...metadata },
        spec: { ...spec },
      });
    },
    pod,
    tryPod: (name = 'web') => client.tryGet('pods', 'default', name),
    status(container, name) {
      const { containerStatuses = [], initContainerStatuses = [] } = pod(name).status;
      const all = [...containerStatuses, ...initContainerStatuses];
      return container ? all.find((each) => each.name === container) : all[0];
    },
    condition: (type, name) => pod(name).status.conditions.find((each: any) => each.type === type),
    events(name = 'web') {
      return client
        .list('events', { namespace: 'default' })
        .filter((event) => event.involvedObject.name === name && event.involvedObject.kind === 'Pod')
        .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
        .map((event) => `${event.reason}: ${event.message}`);
    },
    logs: (container, name = 'web') => kubelets.access.logs('default', name, container ? { container } : {}).text,
    exec: (command, container, name = 'web') =>
      kubelets.access.exec('default', name, { command, ...(container ? { container } : {}) }),
    settle: () => cluster.simulation.settle(),
    advance: (duration) => cluster.simulation.advance(duration),
  };
}
