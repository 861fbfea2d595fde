/**
 * How many pods a second the scheduler places, with the full default plugin set. The API server is left out: objects go
 * straight into the store.
 *
 *   node --import tsx bench/cluster/scheduling.ts [nodes] [pods] [basic | spread | anti-affinity]
 *
 * `basic`: pods of one Service, spread by the system's defaults; `spread`: required spreading over zones and hosts;
 * `anti-affinity`: at most one such pod on each host.
 */
import type { KubernetesObject } from '../../lib/kubernetes/object';
import type { Client } from '../../lib/simulator/cluster/client';
import type { ClusterContext } from '../../lib/simulator/cluster/context';
import { startScheduler } from '../../lib/simulator/cluster/scheduler/scheduler';
import { Store } from '../../lib/simulator/cluster/store';
import { Simulation } from '../../lib/simulator/simulation';

const nodes = Number(process.argv[2] ?? 5_000);
const pods = Number(process.argv[3] ?? 10_000);
const mode = process.argv[4] ?? 'basic';

const labelSelector = { matchLabels: { app: 'web' } };
const spread = (topologyKey: string, maxSkew: number) => ({
  topologyKey,
  maxSkew,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector,
});
const HOST = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';
const specs: Readonly<Record<string, object>> = {
  basic: {},
  spread: { topologySpreadConstraints: [spread(ZONE, 1), spread(HOST, 3)] },
  'anti-affinity': {
    affinity: {
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOST, labelSelector }] },
    },
  },
};

const simulation = new Simulation();
const store = new Store();
let made = 0;

/** Knows what a scheduler asks for, and nothing else. */
const client = {
  create(resource: string, object: KubernetesObject, options?: { subresource?: string }) {
    if (resource === 'events') return object;
    if (options?.subresource !== 'binding') {
      return store.put(resource, { ...object, metadata: { ...object.metadata, uid: `uid-${made++}` } });
    }
    const pod = store.get('pods', object.metadata.namespace, object.metadata.name!)!;
    return store.put('pods', { ...pod, spec: { ...pod.spec, nodeName: object.target.name } });
  },
  updateStatus: (resource: string, object: KubernetesObject) => store.put(resource, object),
} as unknown as Client;
const context = { clusterName: 'bench', simulation, store, clientFor: () => client } as unknown as ClusterContext;

startScheduler(context);
for (let i = 0; i < nodes; i++) {
  client.create('nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `n${i}`, labels: { [HOST]: `n${i}`, [ZONE]: `z${i % 3}` } },
    spec: {},
    status: { allocatable: { cpu: '32', memory: '128Gi', pods: '110' } },
  });
}
client.create('services', {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' } },
});
simulation.settle();
const containers = [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '100m', memory: '64Mi' } } }];
for (let i = 0; i < pods; i++) {
  const metadata = { name: `p${i}`, namespace: 'default', labels: { app: 'web' } };
  client.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...specs[mode] } });
}
const before = process.cpuUsage();
simulation.settle();
const { user, system } = process.cpuUsage(before);
const seconds = (user + system) / 1e6;
const bound = [...store.list('pods')].filter(({ spec }) => spec.nodeName).length;
const rate = Math.round(bound / seconds);
process.stdout.write(
  `${mode}: ${bound} of ${pods} pods on ${nodes} nodes in ${seconds.toFixed(1)} s CPU: ${rate} pods/s\n`,
);
