/**
 * Keeps pods off cordoned nodes, unless they tolerate the cordon (as the pods of a DaemonSet do).
 * https://kubernetes.io/docs/concepts/nodes/#manual-node-administration
 */
import { rejectUnresolvable, type SchedulerPlugin } from '../framework';
import { type Toleration, tolerates } from '../tolerations';

const NAME = 'NodeUnschedulable';
const CORDON = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const REJECTION = rejectUnresolvable(NAME, 'node(s) were unschedulable');

export const nodeUnschedulable: SchedulerPlugin = {
  name: NAME,
  requeueOn: ['NodeAdd', 'NodeUpdate'],
  isWorthRetrying: (_pod, event) => event.node?.spec?.unschedulable !== true,
  preFilter(pod) {
    const tolerations: Toleration[] = pod.object.spec.tolerations ?? [];
    if (tolerations.some((toleration) => tolerates(toleration, CORDON))) return undefined;
    return { filter: (node) => (node.unschedulable ? REJECTION : undefined) };
  },
};
