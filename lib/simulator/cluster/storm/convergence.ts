/**
 * After the storm: when all faults have ended and users want nothing new, everything becomes what it should be; and when
 * users take everything away, nothing of it stays, no timer either.
 */
import { controllerOf, type KubernetesObject } from '../../../kubernetes/object';
import { readinessOf } from '../../../kubernetes/readiness';
import { isPodReady } from '../controllers/pods';
import { NAMESPACE, type StormWorld } from './storm-world';
import { endFault } from './strikes';

const LIMIT_MS = 30 * 60_000;
const LEASE_NAMESPACE = 'kube-node-lease';
const WORKLOADS = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps', 'services'];

/** Ends all faults, and gives users back what they want to have and do not. */
export function calm(world: StormWorld, enoughNodes: number): void {
  for (const fault of [...world.faults.keys()]) endFault(world, fault);
  // A spot instance that had its notice still goes.
  world.simulation.advance('3m');
  for (const node of world.client.list('nodes')) {
    const name = node.metadata.name!;
    if (world.cluster.kubelets!.has(name) && node.spec?.unschedulable) {
      world.client.patch('nodes', undefined, name, 'merge', { spec: { unschedulable: null } });
    }
  }
  while (world.cluster.store.count('nodes') < enoughNodes) world.addNode();
  world.coverZones();
  for (const [key, object] of world.wanted) {
    const collection = key.slice(0, key.indexOf('/'));
    if (!world.client.tryGet(collection, NAMESPACE, object.metadata.name!)) world.client.create(collection, object);
  }
}

/** @returns what does not become what it should be */
export function converge(world: StormWorld): string | undefined {
  const { clock } = world.simulation;
  const end = clock.now() + LIMIT_MS;
  for (;;) {
    const left = unfinished(world);
    if (left.length === 0) return undefined;
    if (clock.now() >= end) return `${left[0]} (${left.length} in all), half an hour after the last fault ended`;
    world.simulation.advance('20s');
  }
}

function unfinished({ client, cluster }: StormWorld): string[] {
  const { store } = cluster;
  const problems: string[] = [];
  for (const node of store.list('nodes')) {
    const ready = node.status?.conditions?.find(({ type }: { type: string }) => type === 'Ready');
    if (ready?.status !== 'True') problems.push(`node ${node.metadata.name} is ${ready?.status} in Ready`);
    const taints = node.spec?.taints ?? [];
    if (taints.length > 0) problems.push(`node ${node.metadata.name} still has the taint ${taints[0].key}`);
  }
  for (const collection of WORKLOADS) {
    for (const object of client.list(collection, { namespace: NAMESPACE })) {
      const pods = client.list('pods', { namespace: NAMESPACE }).filter((pod) => isOf(client, pod, object));
      const { status, message } = readinessOf(object, { pods, events: [] });
      if (status !== 'Current') problems.push(`${object.kind} ${object.metadata.name} is ${status}: ${message}`);
    }
  }
  for (const job of client.list('jobs.batch', { namespace: NAMESPACE })) {
    const isOver = job.status?.conditions?.some(
      ({ type, status }: { type: string; status: string }) =>
        (type === 'Complete' || type === 'Failed') && status === 'True',
    );
    const isScheduled = controllerOf(job)?.kind === 'CronJob';
    if (!isOver && !isScheduled) problems.push(`Job ${job.metadata.name} is neither complete nor failed`);
  }
  for (const pod of client.list('pods', { namespace: NAMESPACE })) {
    if (pod.metadata.deletionTimestamp) problems.push(`Pod ${pod.metadata.name} is still terminating`);
    const { phase } = pod.status;
    if (controllerOf(pod) && phase === 'Running' && controllerOf(pod)!.kind !== 'Job' && !isPodReady(pod)) {
      problems.push(`Pod ${pod.metadata.name} runs and is not ready`);
    }
  }
  return problems;
}

function isOf(client: StormWorld['client'], pod: KubernetesObject, workload: KubernetesObject): boolean {
  const owner = controllerOf(pod);
  if (!owner) return false;
  if (owner.uid === workload.metadata.uid) return true;
  const between = owner.kind === 'ReplicaSet' && client.tryGet('replicasets.apps', NAMESPACE, owner.name);
  return Boolean(between && controllerOf(between)?.uid === workload.metadata.uid);
}

/** Deletes everything that users had. @returns what stays */
export function leaveNothing(world: StormWorld, timersBefore: number): string | undefined {
  const { client, simulation, cluster } = world;
  client.delete('namespaces', undefined, NAMESPACE);
  simulation.advance('4h');
  if (client.tryGet('namespaces', undefined, NAMESPACE))
    return 'the namespace is still there four hours after its deletion';
  const volumes = client.list('persistentvolumes');
  if (volumes.length > 0) return `volume ${volumes[0]!.metadata.name} outlives its claim`;
  const nodes = new Set(client.list('nodes').map(({ metadata }) => metadata.name));
  for (const { metadata } of client.list('leases.coordination.k8s.io', { namespace: LEASE_NAMESPACE })) {
    if (!nodes.has(metadata.name)) return `the lease of node ${metadata.name} outlives it`;
  }
  for (const { metadata } of cluster.store.list('nodes')) {
    if (!cluster.kubelets!.has(metadata.name!)) return `node ${metadata.name} has no machine`;
  }
  if (simulation.clock.foregroundTimers > 0) return `${simulation.clock.foregroundTimers} timers wait for nothing`;
  const timers = simulation.clock.timers;
  return timers > timersBefore + SLACK ? `${timers} timers are set where there were ${timersBefore} before` : undefined;
}

/** Timers of what repeats by itself. */
const SLACK = 5;
