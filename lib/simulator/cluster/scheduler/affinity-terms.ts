/**
 * One term of a pod's affinity or anti-affinity, ready to be asked "does this pod match?".
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { compileLabelSelector, type LabelMatcher } from '../../../kubernetes/selectors';

export interface AffinityTerm {
  /** The same for equal terms of pods of one namespace. */
  readonly key: string;
  readonly topologyKey: string;
  readonly selector: LabelMatcher;
  /** Namespaces by name. */
  readonly namespaces: readonly string[];
  /** Namespaces by their labels; an empty selector means all of them. */
  readonly namespaceSelector: LabelMatcher | undefined;
  /** Of a preferred term. */
  readonly weight: number;
}

interface PodTerms {
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
}

export function parsePodAffinity(pod: KubernetesObject): PodTerms {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity;
  const required = (terms: any[] | undefined) => (terms ?? []).map((term) => parseTerm(pod, term, 0));
  const preferred = (terms: any[] | undefined) =>
    (terms ?? []).map(({ weight, podAffinityTerm }) => parseTerm(pod, podAffinityTerm, weight));
  return {
    affinity: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    antiAffinity: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAffinity: preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  };
}

function parseTerm(pod: KubernetesObject, term: any, weight: number): AffinityTerm {
  const named: string[] = term.namespaces ?? [];
  return {
    key: `${pod.metadata.namespace}|${weight}|${JSON.stringify(term)}`,
    topologyKey: term.topologyKey,
    selector: compileLabelSelector(term.labelSelector),
    namespaces: named.length === 0 && !term.namespaceSelector ? [pod.metadata.namespace!] : named,
    namespaceSelector: term.namespaceSelector ? compileLabelSelector(term.namespaceSelector) : undefined,
    weight,
  };
}

/** @param namespaceLabels the labels of the namespace of `pod`, asked for only when the term selects by them. */
export function termMatches(
  term: AffinityTerm,
  pod: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  namespaceLabels: (namespace: string) => Readonly<Record<string, string>>,
): boolean {
  const inNamespace =
    term.namespaces.includes(pod.namespace) || term.namespaceSelector?.(namespaceLabels(pod.namespace)) === true;
  return inNamespace && term.selector(pod.labels);
}
