/**
 * A Pod's priority is a number that the server looks up by the name of a PriorityClass.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
 */
import type { Draft } from '../../../../kubernetes/kinds';
import type { KubernetesObject } from '../../../../kubernetes/object';
import { forbidden } from '../../../../kubernetes/status-error';
import type { Store } from '../../store';
import type { AdmissionPlugin } from './admission';

const CLASSES = 'priorityclasses.scheduling.k8s.io';
const DEFAULT_POLICY = 'PreemptLowerPriority';

export const priority: AdmissionPlugin = {
  name: 'Priority',
  handles: ['CREATE'],
  admit({ resource, subresource, object }, { store }) {
    if (resource.collection !== 'pods' || subresource !== '') return;
    const pod = object!;
    const found = classOf(pod, store);
    if (found === undefined && pod.spec.priorityClassName) {
      const cause = `no PriorityClass with name ${pod.spec.priorityClassName} was found`;
      throw forbidden(resource, pod.metadata.name ?? '', cause);
    }
    const value: number = found?.value ?? 0;
    const policy: string = found?.preemptionPolicy ?? DEFAULT_POLICY;
    checkSame(pod, 'priority', value, (text) => forbidden(resource, pod.metadata.name ?? '', text));
    checkSame(pod, 'preemptionPolicy', policy, (text) => forbidden(resource, pod.metadata.name ?? '', text));
    if (found) pod.spec.priorityClassName = found.metadata.name;
    pod.spec.priority = value;
    pod.spec.preemptionPolicy = policy;
  },
};

/** The class that a Pod names, else the lowest of those that are the default of the cluster. */
function classOf({ spec }: Draft, store: Store): KubernetesObject | undefined {
  if (spec.priorityClassName) return store.get(CLASSES, undefined, spec.priorityClassName);
  const defaults = store.sorted(CLASSES).filter((each) => each.globalDefault);
  return [...defaults].sort((a, b) => a.value - b.value)[0];
}

function checkSame(
  pod: Draft,
  field: 'priority' | 'preemptionPolicy',
  value: unknown,
  refuse: (text: string) => Error,
) {
  const given = pod.spec[field];
  if (given === undefined || given === value) return;
  const text =
    field === 'priority'
      ? `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`
      : `the string value of PreemptionPolicy (${given}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
  throw refuse(text);
}
