/**
 * Which pods are "the same workload" as a pod: those that the Services of the pod and its owner select. The pods of a
 * Deployment are spread over hosts and zones by this, without anybody having asked for it.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#internal-default-constraints
 */
import { controllerOf } from '../../../kubernetes/object';
import { compileLabelSelector, type LabelMatcher, matchesLabels } from '../../../kubernetes/selectors';
import type { SchedulingView } from './framework';
import type { PodInfo } from './pod-info';

const OWNERS: Readonly<Record<string, string>> = {
  ReplicaSet: 'replicasets.apps',
  StatefulSet: 'statefulsets.apps',
  ReplicationController: 'replicationcontrollers',
};

export interface WorkloadSelector {
  readonly key: string;
  readonly matches: LabelMatcher;
}

/** Answers for the services of a namespace are kept until a Service changes. */
interface ServiceMemory {
  revision: number;
  readonly labels: Map<string, Readonly<Record<string, string>>>;
}

const memories = new WeakMap<SchedulingView, ServiceMemory>();
const compiled = new Map<string, WorkloadSelector>();

/** Undefined when nobody selects the pod. */
export function workloadSelectorOf(pod: PodInfo, view: SchedulingView): WorkloadSelector | undefined {
  const fromServices = serviceLabels(pod, view);
  const owner = controllerOf(pod.object);
  const collection = owner && OWNERS[owner.kind];
  const ownerSelector = collection ? view.get(collection, pod.namespace, owner.name)?.spec.selector : undefined;
  const asLabels = owner?.kind === 'ReplicationController' ? { matchLabels: ownerSelector } : ownerSelector;
  if (!asLabels && Object.keys(fromServices).length === 0) return undefined;
  const key = JSON.stringify([fromServices, asLabels]);
  let selector = compiled.get(key);
  if (!selector) {
    const ownerMatches = asLabels ? compileLabelSelector(asLabels) : () => true;
    selector = { key, matches: (labels) => matchesLabels(fromServices, labels) && ownerMatches(labels) };
    if (compiled.size > 10_000) compiled.clear();
    compiled.set(key, selector);
  }
  return selector;
}

/** The selectors of all Services that select the pod, as one set of labels. */
function serviceLabels(pod: PodInfo, view: SchedulingView): Readonly<Record<string, string>> {
  const revision = view.revisionOf('services');
  let memory = memories.get(view);
  if (memory?.revision !== revision) {
    memory = { revision, labels: new Map() };
    memories.set(view, memory);
  }
  const key = `${pod.namespace}|${JSON.stringify(pod.labels)}`;
  let labels = memory.labels.get(key);
  if (!labels) {
    const merged: Record<string, string> = {};
    for (const { spec } of view.list('services', pod.namespace)) {
      const { selector } = spec;
      if (selector && Object.keys(selector).length > 0 && matchesLabels(selector, pod.labels)) {
        Object.assign(merged, selector);
      }
    }
    labels = merged;
    memory.labels.set(key, labels);
  }
  return labels;
}
