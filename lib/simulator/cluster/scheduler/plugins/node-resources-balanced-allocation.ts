/**
 * Prefers nodes on which CPU and memory would be used to a similar share.
 * https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins
 *
 * Example: CPU used to 0.75, memory to 0.25: the deviation is |0.75 - 0.25| / 2 = 0.25, the score 75.
 */
import { MAX_NODE_SCORE, type SchedulerPlugin } from '../framework';
import { isBestEffort } from '../pod-info';

const MAX_POINTS = MAX_NODE_SCORE;

export const nodeResourcesBalancedAllocation: SchedulerPlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  preScore(pod) {
    if (isBestEffort(pod)) return undefined;
    const { milliCpu, memory } = pod.requests;
    return {
      score(node) {
        if (node.milliCpu === 0 || node.memory === 0) return MAX_POINTS;
        const cpuShare = Math.min(1, (node.requestedCpu + milliCpu) / node.milliCpu);
        const memoryShare = Math.min(1, (node.requestedMemory + memory) / node.memory);
        return Math.floor((1 - Math.abs(cpuShare - memoryShare) / 2) * MAX_POINTS);
      },
    };
  },
};
