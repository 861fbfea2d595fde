/** A cluster with chosen controllers on virtual time, and short ways to look at it. */
import type { KubernetesObject } from '../../lib/kubernetes/object';
import type { Client } from '../../lib/simulator/cluster/client';
import { Cluster } from '../../lib/simulator/cluster/cluster';
import type { ControllerDefinition } from '../../lib/simulator/cluster/controllers/controller';
import { startControllers } from '../../lib/simulator/cluster/controllers/index';
import { type FakeKubeletOptions, startFakeKubelet } from './fake-kubelet';

export interface StoryOptions extends FakeKubeletOptions {
  /** @default all */
  readonly controllers?: readonly ControllerDefinition[];
  readonly seed?: number;
}

export interface Story {
  readonly cluster: Cluster;
  readonly client: Client;
  /** Pods of a namespace that are not being deleted. */
  pods(labelSelector?: string): readonly KubernetesObject[];
  /** `Normal SuccessfulCreate Created pod: x`, oldest first, of one object. */
  eventsOf(kind: string, name: string): string[];
  settle(): void;
}

export function startStory(options: StoryOptions = {}): Story {
  const cluster = new Cluster({ seed: options.seed, controllers: false });
  const client = cluster.clientFor('kubernetes-admin', 'story');
  if (!client.tryGet('namespaces', undefined, 'default')) {
    client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  }
  startControllers(cluster, options.controllers ? { controllers: options.controllers } : {});
  startFakeKubelet(cluster, options);
  return {
    cluster,
    client,
    pods: (labelSelector) =>
      client
        .list('pods', { namespace: 'default', ...(labelSelector ? { labelSelector } : {}) })
        .filter((pod) => !pod.metadata.deletionTimestamp),
    eventsOf: (kind, name) =>
      [...cluster.store.list('events')]
        .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name)
        .map(({ type, reason, message }) => `${type} ${reason} ${message}`),
    settle: () => cluster.simulation.settle(),
  };
}

/** Replaces the spec fields given, as a client that reads, changes and writes. */
export function updateSpec(client: Client, resource: string, name: string, changes: Record<string, unknown>): void {
  const object = client.get(resource, 'default', name);
  client.update(resource, { ...object, spec: { ...object.spec, ...changes } });
}

/** A pod template of one container, with every field defaulted that this test suite looks at. */
export function template(labels: Record<string, string>, image = 'nginx:1') {
  return {
    metadata: { labels },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 30,
      containers: [{ name: 'main', image }],
    },
  };
}
