/**
 * Machines and their kubelets: power loss, a kubelet that hangs, a zone that is gone, a clock that is wrong.
 * https://kubernetes.io/docs/concepts/architecture/nodes/#node-status
 */
import { durationMs } from '../../../clock';
import { UserError } from '../../../kubernetes/user-error';
import { type Fault, type FaultWorld, fault, together } from './fault';

const ZONE = 'topology.kubernetes.io/zone';

/** The machine loses its power. Ending it switches the machine on again, without the containers it ran. */
export function crashNode({ kubelets }: FaultWorld, node: string): Fault {
  kubelets.crash(node);
  return fault(`node ${node} has crashed`, () => {
    if (kubelets.has(node)) kubelets.restart(node);
  });
}

/** The kubelet hangs: containers go on, but nobody starts, stops or reports them. */
export function pauseKubelet({ kubelets }: FaultWorld, node: string): Fault {
  kubelets.pause(node);
  return fault(`the kubelet of ${node} hangs`, () => {
    if (kubelets.has(node)) kubelets.resume(node);
  });
}

/** All machines of a zone lose their power. @throws UserError when the cluster has no node there */
export function loseZone(world: FaultWorld, zone: string): Fault {
  const nodes = [...world.store.list('nodes')]
    .filter(({ metadata }) => metadata.labels?.[ZONE] === zone)
    .map(({ metadata }) => metadata.name!)
    .filter((name) => world.kubelets.has(name))
    .sort();
  if (nodes.length === 0) {
    throw new UserError(
      'NoSuchZone',
      `no node of the cluster is in zone "${zone}"`,
      'Zones are in the label topology.kubernetes.io/zone.',
    );
  }
  return together(
    `zone ${zone} is lost`,
    nodes.map((node) => crashNode(world, node)),
  );
}

/**
 * The clock of a node is wrong: its Lease and the times in what its kubelet writes are off.
 * @param by how far: milliseconds (negative: behind), or text such as `90s`
 */
export function skewClock({ kubelets }: FaultWorld, node: string, by: number | string): Fault {
  kubelets.skewClock(node, durationMs(by));
  return fault(`the clock of ${node} is off by ${by}`, () => {
    if (kubelets.has(node)) kubelets.skewClock(node, 0);
  });
}
