/** ResourceQuotas against the sum of what is asked for. */
import {
  addQuantities,
  compareQuantities,
  isQuantity,
  parseQuantity,
  type Quantity,
} from '../../../kubernetes/quantity';
import type * as corev1 from '../../../kubernetes/types/core-v1.generated';
import { type AppModel, namespaceOf, type Workload } from '../app-model';
import type { Rule } from '../rule';

/** `requests.cpu` and `cpu` mean the same. */
const RESOURCES: Readonly<Record<string, readonly ['requests' | 'limits', string]>> = {
  cpu: ['requests', 'cpu'],
  memory: ['requests', 'memory'],
  'requests.cpu': ['requests', 'cpu'],
  'requests.memory': ['requests', 'memory'],
  'limits.cpu': ['limits', 'cpu'],
  'limits.memory': ['limits', 'memory'],
};

export const quotaOverflow: Rule = {
  id: 'quota-overflow',
  severity: 'error',
  see: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
  about: 'Pods beyond the ResourceQuota of their namespace are refused, and their workload stays incomplete.',
  check(app, report) {
    for (const quota of app.all('v1/ResourceQuota')) {
      // Scopes choose among Pods by what the cluster makes of them.
      if (quota.spec?.scopes || quota.spec?.scopeSelector) continue;
      const workloads = app.workloadsIn(namespaceOf(quota));
      for (const [name, hard] of Object.entries(quota.spec?.hard ?? {})) {
        if (!isQuantity(hard)) continue;
        const used = usedBy(workloads, name);
        if (used === undefined || compareQuantities(used, parseQuantity(hard)) <= 0) continue;
        report(quota, {
          field: `spec.hard["${name}"]`,
          message: `allows ${hard} of ${name}, and the workloads of the application need ${used.text}`,
          fix: 'raise the quota, or lower replicas or requests',
        });
      }
    }
  },
};

function usedBy(workloads: readonly Workload[], name: string): Quantity | undefined {
  const zero = parseQuantity('0');
  if (name === 'pods') {
    return workloads.reduce((sum, workload) => addQuantities(sum, parseQuantity(replicasOf(workload))), zero);
  }
  const known = RESOURCES[name];
  if (known === undefined) return undefined;
  const [list, resource] = known;
  let sum = zero;
  for (const workload of workloads) {
    for (let replica = replicasOf(workload); replica > 0; replica--)
      sum = addQuantities(sum, ofPod(workload, list, resource));
  }
  return sum;
}

/** How many Pods are certain: those of Jobs come and go, those of DaemonSets depend on the nodes. */
function replicasOf({ object }: Workload): number {
  switch (object.kind) {
    case 'CronJob':
    case 'Job':
    case 'DaemonSet':
      return 0;
    case 'Pod':
      return 1;
    default:
      return object.spec?.replicas ?? 1;
  }
}

function ofPod({ pod }: Workload, list: 'requests' | 'limits', resource: string): Quantity {
  let sum = parseQuantity('0');
  for (const { resources } of pod.containers) {
    const amount = resources?.[list]?.[resource] ?? (list === 'requests' ? resources?.limits?.[resource] : undefined);
    if (amount !== undefined && isQuantity(amount)) sum = addQuantities(sum, parseQuantity(amount));
  }
  return sum;
}

export const quotaWithoutRequests: Rule = {
  id: 'quota-without-requests',
  severity: 'error',
  see: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
  about: 'Where a ResourceQuota counts CPU or memory, a Pod must say how much it takes, or it is refused.',
  check(app, report) {
    for (const quota of app.all('v1/ResourceQuota')) {
      if (quota.spec?.scopes || quota.spec?.scopeSelector || app.hasDefaults(namespaceOf(quota))) continue;
      for (const name of Object.keys(quota.spec?.hard ?? {})) {
        const known = RESOURCES[name];
        if (known !== undefined) refuseWithout(app, quota, name, known, report);
      }
    }
  },
};

function refuseWithout(
  app: AppModel,
  quota: corev1.ResourceQuota,
  name: string,
  [list, resource]: readonly ['requests' | 'limits', string],
  report: Parameters<Rule['check']>[1],
): void {
  for (const { object, containers } of app.workloadsIn(namespaceOf(quota))) {
    for (const { container, field } of containers) {
      const { resources } = container;
      if (resources?.[list]?.[resource] !== undefined) continue;
      if (list === 'requests' && resources?.limits?.[resource] !== undefined) continue;
      report(object, {
        field: `${field}.resources.${list}`,
        message: `container "${container.name}" says no ${list}.${resource}, which ResourceQuota "${quota.metadata.name}" counts as ${name}`,
        fix: `say resources.${list}.${resource}, or add a LimitRange with defaults`,
      });
      return;
    }
  }
}
