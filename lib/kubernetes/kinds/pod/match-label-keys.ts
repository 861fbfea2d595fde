/**
 * `matchLabelKeys`: terms of a Pod's own labels by which it is spread or kept together only with Pods of the same revision.
 * The server writes them into the label selectors when the Pod is created.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#spread-constraint-definition
 */
import type { Draft } from '../kind-definition';

export function mergeMatchLabelKeys(pod: Draft): void {
  const labels = pod.metadata.labels ?? {};
  for (const constraint of pod.spec?.topologySpreadConstraints ?? []) {
    if (constraint.labelSelector) addTerms(constraint.labelSelector, constraint.matchLabelKeys, 'In', labels);
  }
  for (const affinity of [pod.spec?.affinity?.podAffinity, pod.spec?.affinity?.podAntiAffinity]) {
    const required: any[] = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const preferred: any[] = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    for (const term of [...required, ...preferred.map(({ podAffinityTerm }) => podAffinityTerm)]) {
      if (!term?.labelSelector) continue;
      addTerms(term.labelSelector, term.matchLabelKeys, 'In', labels);
      addTerms(term.labelSelector, term.mismatchLabelKeys, 'NotIn', labels);
    }
  }
}

function addTerms(
  selector: any,
  keys: readonly string[] | null | undefined,
  operator: 'In' | 'NotIn',
  labels: Readonly<Record<string, string>>,
): void {
  for (const key of keys ?? []) {
    if (labels[key] === undefined) continue;
    selector.matchExpressions = [...(selector.matchExpressions ?? []), { key, operator, values: [labels[key]] }];
  }
}
