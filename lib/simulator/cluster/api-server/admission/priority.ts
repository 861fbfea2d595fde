/**
 * A Pod's priority is a number that the server looks up by the name of a PriorityClass; one class may be that of all others.
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
  handles: ['CREATE', 'UPDATE'],
  admit({ resource, subresource, object, oldObject }, { store }) {
    if (resource.collection !== 'pods' || subresource !== '') return;
    const pod = object!;
    if (oldObject) {
      keep(pod, oldObject);
      return;
    }
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
  validate({ resource, object }, { store }) {
    if (resource.collection !== CLASSES || !object!.globalDefault) return;
    const { name = '' } = object!.metadata;
    const other = defaultsOf(store)[0]?.metadata.name;
    if (other === undefined || other === name) return;
    throw forbidden(resource, name, `PriorityClass ${other} is already marked as default. Only one default can exist`);
  },
};

/** What was looked up when the Pod was made stays, also when an update does not repeat it. */
function keep({ spec }: Draft, { spec: old }: KubernetesObject): void {
  for (const field of ['priority', 'preemptionPolicy']) {
    if (spec[field] === undefined && old[field] !== undefined) spec[field] = old[field];
  }
}

/** Those that are the default of the cluster, the lowest first. */
const defaultsOf = (store: Store): KubernetesObject[] =>
  store
    .sorted(CLASSES)
    .filter((each) => each.globalDefault)
    .sort((a, b) => a.value - b.value);

/** The class that a Pod names, else the lowest of those that are the default of the cluster. */
function classOf({ spec }: Draft, store: Store): KubernetesObject | undefined {
  if (spec.priorityClassName) return store.get(CLASSES, undefined, spec.priorityClassName);
  return defaultsOf(store)[0];
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
