/**
 * Places pods on nodes by the nodes' labels: `nodeSelector` and node affinity, required and preferred.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity
 */
import { defaultNormalize, rejectUnresolvable, type SchedulerPlugin } from '../framework';
import { compileNodeSelectorTerm, compileNodeSelectorTerms, namedNodes } from '../node-selector';
import type { PodInfo } from '../pod-info';

const NAME = 'NodeAffinity';
const REJECTION = rejectUnresolvable(NAME, "node(s) didn't match Pod's node affinity/selector");
const REASON_CONFLICT = 'pod affinity terms conflict';

const affinityOf = (pod: PodInfo) => pod.object.spec.affinity?.nodeAffinity;
const requiredTermsOf = (pod: PodInfo): any[] | undefined =>
  affinityOf(pod)?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

export const nodeAffinity: SchedulerPlugin = {
  name: NAME,
  weight: 2,
  requeueOn: ['NodeAdd', 'NodeUpdate', 'PodUpdate'],

  preFilter(pod) {
    const selector: Record<string, string> | undefined = pod.object.spec.nodeSelector;
    const terms = requiredTermsOf(pod);
    const wanted = Object.entries(selector ?? {});
    if (wanted.length === 0 && !terms) return undefined;
    const matchesTerms = terms ? compileNodeSelectorTerms(terms) : () => true;
    const onlyNodes = terms && namedNodes(terms);
    if (onlyNodes?.length === 0) return rejectUnresolvable(NAME, REASON_CONFLICT);
    return {
      ...(onlyNodes ? { onlyNodes } : {}),
      filter(node) {
        for (const [key, value] of wanted) if (node.labels[key] !== value) return REJECTION;
        return matchesTerms(node.labels, node.name) ? undefined : REJECTION;
      },
    };
  },

  preScore(pod) {
    const preferred: any[] | undefined = affinityOf(pod)?.preferredDuringSchedulingIgnoredDuringExecution;
    if (!preferred || preferred.length === 0) return undefined;
    const terms = preferred.map(({ weight, preference }) => ({
      weight: weight as number,
      matches: compileNodeSelectorTerm(preference),
    }));
    return {
      score(node) {
        let sum = 0;
        for (const { weight, matches } of terms) if (matches(node.labels, node.name)) sum += weight;
        return sum;
      },
      normalize: (scores) => defaultNormalize(scores, false),
    };
  },
};
