/**
 * Two pods on one node cannot have the same host port.
 * https://kubernetes.io/docs/concepts/configuration/overview/#services
 */
import { reject, type SchedulerPlugin } from '../framework';

const NAME = 'NodePorts';
const REJECTION = reject(NAME, "node(s) didn't have free ports for the requested pod ports");
const ANY_ADDRESS = '0.0.0.0';

export const nodePorts: SchedulerPlugin = {
  name: NAME,
  requeueOn: ['AssignedPodDelete', 'NodeAdd'],
  preFilter({ hostPorts }) {
    if (hostPorts.length === 0) return undefined;
    return {
      filter(node) {
        for (const { ip, protocol, port } of hostPorts) {
          const used = node.usedPorts?.get(`${protocol}/${port}`);
          if (used?.some((other) => other === ip || other === ANY_ADDRESS || ip === ANY_ADDRESS)) return REJECTION;
        }
        return undefined;
      },
    };
  },
};
