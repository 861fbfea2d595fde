/** Takes a pod that names its node at its word. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename */
import { rejectUnresolvable, type SchedulerPlugin } from '../framework';

const NAME = 'NodeName';
const REJECTION = rejectUnresolvable(NAME, "node(s) didn't match the requested node name");

export const nodeName: SchedulerPlugin = {
  name: NAME,
  requeueOn: ['NodeAdd'],
  preFilter(pod) {
    const wanted: string | undefined = pod.object.spec.nodeName;
    if (!wanted) return undefined;
    return { filter: (node) => (node.name === wanted ? undefined : REJECTION) };
  },
};
