/**
 * A node is emptied before maintenance, as `kubectl drain --ignore-daemonsets --delete-emptydir-data --force` does: cordoned,
 * and its Pods evicted. An eviction that a PodDisruptionBudget forbids is tried again every 5 seconds.
 * https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/
 */
import { controllerOf, isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { isNotFound, StatusError } from '../../../kubernetes/status-error';
import { type Fault, type FaultWorld, fault } from './fault';

const RETRY_MS = 5_000;

/** Ending it stops evicting and uncordons the node. */
export function drainNode(world: FaultWorld, node: string): Fault {
  const { simulation } = world;
  cordon(world, node, true);
  let over = false;
  const evictAll = () => {
    if (over) return;
    const waiting = podsToEvict(world, node).filter((pod) => !evict(world, pod));
    // A budget may never allow it, so nobody waits for the end of a drain.
    if (waiting.length > 0) simulation.clock.after(RETRY_MS, evictAll, { background: true });
  };
  evictAll();
  return fault(`node ${node} is being drained`, () => {
    over = true;
    cordon(world, node, false);
  });
}

/** Says whether new Pods may come. */
function cordon({ client }: FaultWorld, node: string, unschedulable: boolean): void {
  if (!client.tryGet('nodes', undefined, node)) return;
  client.patch('nodes', undefined, node, 'merge', { spec: { unschedulable: unschedulable || null } });
}

function podsToEvict({ store }: FaultWorld, node: string): KubernetesObject[] {
  return [...store.list('pods')]
    .filter((pod) => pod.spec.nodeName === node && !isTerminating(pod))
    .filter((pod) => controllerOf(pod)?.kind !== 'DaemonSet')
    .sort((a, b) => (a.metadata.uid! < b.metadata.uid! ? -1 : 1));
}

/** False when it has to be tried again. */
function evict({ client }: FaultWorld, { metadata: { namespace, name } }: KubernetesObject): boolean {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace: namespace!, name: name! } };
  try {
    client.create('pods', eviction, { subresource: 'eviction' });
    return true;
  } catch (error) {
    if (isNotFound(error)) return true;
    if (error instanceof StatusError && (error.code === 429 || error.code >= 500)) return false;
    throw error;
  }
}
