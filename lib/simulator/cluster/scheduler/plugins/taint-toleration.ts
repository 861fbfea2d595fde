/**
 * Keeps pods off nodes whose taints they do not tolerate, and prefers nodes with few taints that only ask.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
 */
import { defaultNormalize, rejectUnresolvable, type SchedulerPlugin } from '../framework';
import type { Taint } from '../node-info';
import { type Toleration, tolerates } from '../tolerations';

const NAME = 'TaintToleration';
const REJECTION = rejectUnresolvable(NAME, 'node(s) had untolerated taint(s)');

const isHard = (taint: Taint) => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute';

export const taintToleration: SchedulerPlugin = {
  name: NAME,
  weight: 3,
  requeueOn: ['NodeAdd', 'NodeUpdate', 'PodUpdate'],

  preFilter(pod) {
    const tolerations: Toleration[] = pod.object.spec.tolerations ?? [];
    const isTolerated = (taint: Taint) => tolerations.some((toleration) => tolerates(toleration, taint));
    return {
      filter(node) {
        for (const taint of node.taints) if (isHard(taint) && !isTolerated(taint)) return REJECTION;
        return undefined;
      },
    };
  },

  preScore(pod, _feasible, { nodes }) {
    if (nodes.softTainted === 0) return undefined;
    const tolerations: Toleration[] = (pod.object.spec.tolerations ?? []).filter(
      (toleration: Toleration) => !toleration.effect || toleration.effect === 'PreferNoSchedule',
    );
    const isIntolerable = (taint: Taint) =>
      taint.effect === 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, taint));
    return {
      score: (node) => node.taints.filter(isIntolerable).length,
      normalize: (scores) => defaultNormalize(scores, true),
    };
  },
};
