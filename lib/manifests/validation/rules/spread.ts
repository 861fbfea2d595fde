/** Topology spread constraints. */
import { selectorMatches } from '../../../kubernetes/selectors';
import type { Rule } from '../rule';

export const spreadIgnoresOwnPods: Rule = {
  id: 'spread-ignores-own-pods',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
  about:
    'A topology spread constraint counts the Pods that its selector matches; if those are others, the own Pods are not spread.',
  check(app, report) {
    for (const { object, pod, labels, field } of app.workloads) {
      pod.topologySpreadConstraints?.forEach(({ labelSelector, topologyKey }, index) => {
        if (labelSelector !== undefined && selectorMatches(labelSelector, labels)) return;
        report(object, {
          field: `${field}.topologySpreadConstraints[${index}].labelSelector`,
          message: `spreads Pods over ${topologyKey}, but ${labelSelector === undefined ? 'says not which' : 'not its own'}`,
          fix: 'select the labels of the Pods themselves',
        });
      });
    }
  },
};
