/** The cluster that a storm goes over, and what its users have there. */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Simulation } from '../../simulation';
import type { Client } from '../client';
import { Cluster } from '../cluster';
import type { Fault } from '../faults/fault';

export const NAMESPACE = 'storm';
const REGION = 'eu-west-1';
const ZONES = 3;
const USER = 'kubernetes-admin';

export interface StormWorld {
  readonly cluster: Cluster;
  readonly simulation: Simulation;
  /** Whoever uses the cluster. */
  readonly client: Client;
  /** The objects that users want to have, as they would be applied again. */
  readonly wanted: Map<string, KubernetesObject>;
  /** What has struck and is not over, and whether it comes between the API server and its clients. */
  readonly faults: Map<Fault, { readonly isOfApi: boolean }>;
  /** How many machines there ever were. */
  machines: number;
  /** In the next zone. */
  addNode(): void;
  /** Volumes can only be used in their zone: a workload whose zone has no machine would wait for ever. */
  coverZones(): void;
  /** Since when the API server serves everybody, milliseconds since 1970; undefined while it does not. */
  calmSince: number | undefined;
}

export function createStormWorld(seed: number, nodes: number): StormWorld {
  const cluster = new Cluster({ seed });
  const { simulation } = cluster;
  const world: StormWorld = {
    cluster,
    simulation,
    client: cluster.clientFor(USER, 'kubectl'),
    wanted: new Map(),
    faults: new Map(),
    machines: 0,
    addNode() {
      const index = world.machines++;
      cluster.kubelets!.addNode({ name: `node-${index}`, region: REGION, zone: `${REGION}${'abc'[index % 3]}` });
    },
    coverZones() {
      const zoneOf = ({ metadata }: KubernetesObject) => metadata.labels?.['topology.kubernetes.io/zone'];
      const covered = () => new Set([...cluster.store.list('nodes')].map(zoneOf)).size;
      while (covered() < ZONES) world.addNode();
    },
    calmSince: simulation.clock.now(),
  };
  for (let i = 0; i < nodes; i++) world.addNode();
  world.client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  const ready = () => world.client.tryGet('serviceaccounts', NAMESPACE, 'default') !== undefined;
  simulation.until(ready, '30s', 'the service account of the namespace');
  return world;
}
