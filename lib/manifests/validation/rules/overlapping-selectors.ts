/** Workloads that take Pods from each other. */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { LabelSelector } from '../../../kubernetes/selectors';
import type { Rule } from '../rule';

const ADOPTERS = new Set(['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet']);

export const overlappingSelectors: Rule = {
  id: 'overlapping-selectors',
  severity: 'error',
  see: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector',
  about:
    'Two workloads whose selectors match the same Pods take them from each other, or count and delete them as their own.',
  check(app, report) {
    for (const { object, namespace } of app.workloads) {
      const selector = selectorOf(object);
      if (selector === undefined) continue;
      for (const other of app.workloadsMatching(namespace, selector)) {
        if (other.object === object || MAKES_JOBS.has(other.object.kind)) continue;
        report(object, {
          field: 'spec.selector',
          message: `the selector also matches the Pods of ${other.object.kind} "${other.object.metadata.name}"`,
          fix: 'give each its own labels',
        });
      }
    }
  },
};

/** Their Pods carry a label of their own, which no other selector asks for, and an owner from the start. */
const MAKES_JOBS = new Set(['Job', 'CronJob']);

function selectorOf({ kind, spec }: KubernetesObject): LabelSelector | undefined {
  if (!ADOPTERS.has(kind) || !spec?.selector) return undefined;
  return kind === 'ReplicationController' ? { matchLabels: spec.selector } : spec.selector;
}
