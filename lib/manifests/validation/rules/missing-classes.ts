/** Classes that Pods name. */
import { closest } from '../../closest';
import type { Rule } from '../rule';

const ALWAYS_THERE = ['system-cluster-critical', 'system-node-critical'];

export const missingPriorityClass: Rule = {
  id: 'missing-priority-class',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/',
  about: 'Pods of a PriorityClass that is not there are refused.',
  check(app, report) {
    for (const { object, pod, field } of app.workloads) {
      const name = pod.priorityClassName;
      if (!name || ALWAYS_THERE.includes(name) || app.has('PriorityClass', 'default', name)) continue;
      const instead = closest(name, [
        ...ALWAYS_THERE,
        ...app.all('scheduling.k8s.io/v1/PriorityClass').map(({ metadata }) => metadata.name ?? ''),
      ]);
      report(object, {
        field: `${field}.priorityClassName`,
        message: `uses PriorityClass "${name}", which is not in the application`,
        fix: instead ? `did you mean "${instead}"?` : 'add it, or accept this if something else makes it',
      });
    }
  },
};

export const missingRuntimeClass: Rule = {
  id: 'missing-runtime-class',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/containers/runtime-class/',
  about: 'Pods of a RuntimeClass that is not there are refused.',
  check(app, report) {
    for (const { object, pod, field } of app.workloads) {
      const name = pod.runtimeClassName;
      if (!name || app.has('RuntimeClass', 'default', name)) continue;
      report(object, {
        field: `${field}.runtimeClassName`,
        message: `uses RuntimeClass "${name}", which is not in the application`,
        fix: 'add it, or accept this if something else makes it',
      });
    }
  },
};
