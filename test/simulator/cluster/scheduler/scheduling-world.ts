/** A cluster with nodes but without kubelets' work in the way: what scheduler stories start from. */
import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import { ApiServer } from '../../../../lib/simulator/cluster/api-server/api-server';
import type { Client } from '../../../../lib/simulator/cluster/client';
import type { ClusterContext } from '../../../../lib/simulator/cluster/context';
import {
  type Scheduler,
  type SchedulerOptions,
  startScheduler,
} from '../../../../lib/simulator/cluster/scheduler/scheduler';
import { Store } from '../../../../lib/simulator/cluster/store';
import { Simulation } from '../../../../lib/simulator/simulation';

export interface SchedulingWorld {
  readonly simulation: Simulation;
  readonly store: Store;
  readonly client: Client;
  readonly scheduler: Scheduler;
  addNode(name: string, options?: NodeOptions): KubernetesObject;
  addPod(name: string, spec?: Record<string, unknown>, metadata?: Record<string, unknown>): KubernetesObject;
  nodeOf(pod: string): string | undefined;
  /** The PodScheduled condition's message. */
  messageOf(pod: string): string | undefined;
}

export interface NodeOptions {
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly zone?: string;
  readonly labels?: Record<string, string>;
  readonly taints?: readonly Record<string, string>[];
  readonly unschedulable?: boolean;
  readonly images?: readonly unknown[];
}

export const container = (requests: Record<string, string> = {}, extra: Record<string, unknown> = {}) => ({
  name: 'main',
  image: 'nginx:1.27',
  resources: { requests },
  ...extra,
});

export function schedulingWorld(options: SchedulerOptions & { seed?: number } = {}): SchedulingWorld {
  const simulation = new Simulation({ seed: options.seed });
  const store = new Store();
  const api = new ApiServer(simulation, store);
  const context: ClusterContext = {
    clusterName: 'test',
    simulation,
    store,
    resources: { groups: () => [] },
    volumeProvisioners: new Map(),
    disturbances: api.disturbances,
    clientFor: (...user) => api.clientFor(...user),
  };
  const client = api.clientFor('test');
  const scheduler = startScheduler(context, options);
  /** The server takes a priority only by the name of its class. */
  const priorityClass = (value: unknown, preemptionPolicy: unknown = 'PreemptLowerPriority') => {
    const name = `priority-${value}-${preemptionPolicy}`.toLowerCase();
    if (!store.get('priorityclasses.scheduling.k8s.io', undefined, name)) {
      const object = {
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name },
        value,
        preemptionPolicy,
      };
      client.create('priorityclasses.scheduling.k8s.io', object);
    }
    return { priorityClassName: name };
  };
  const get = (pod: string) => store.get('pods', 'default', pod);
  return {
    simulation,
    store,
    client,
    scheduler,
    addNode(name, node = {}) {
      const { cpu = '4', memory = '16Gi', pods = '110', zone, labels, taints, unschedulable, images } = node;
      const created = client.create('nodes', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: {
          name,
          labels: {
            'kubernetes.io/hostname': name,
            ...(zone ? { 'topology.kubernetes.io/zone': zone } : {}),
            ...labels,
          },
        },
        spec: { ...(taints ? { taints } : {}), ...(unschedulable ? { unschedulable } : {}) },
      });
      const allocatable = { cpu, memory, pods };
      return client.updateStatus('nodes', {
        ...created,
        status: { allocatable, capacity: allocatable, ...(images ? { images } : {}) },
      });
    },
    addPod(name, { priority, preemptionPolicy, ...spec } = {}, metadata = {}) {
      return client.create('pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', ...metadata },
        spec: {
          containers: [container()],
          ...(priority === undefined ? {} : priorityClass(priority, preemptionPolicy)),
          ...spec,
        },
      });
    },
    nodeOf: (pod) => get(pod)?.spec.nodeName,
    messageOf: (pod) => get(pod)?.status?.conditions?.find((each: any) => each.type === 'PodScheduled')?.message,
  };
}
