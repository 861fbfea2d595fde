/** PriorityClasses: which Pods matter more. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ */
import { age } from './cells';
import { defineKind } from './define-kind';

export const priorityClass = defineKind({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  resource: 'priorityclasses',
  namespaced: false,
  defaults: (draft) => {
    draft.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  // Set once: nothing in it may change.
  generation: () => false,
  cells: (object, context) => [
    object.metadata.name!,
    object.value ?? 0,
    object.globalDefault ?? false,
    age(object, context),
    object.preemptionPolicy ?? '',
  ],
});
