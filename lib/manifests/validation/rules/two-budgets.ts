/** Pods that two budgets protect. */
import type * as policyv1 from '../../../kubernetes/types/policy-v1.generated';
import { namespaceOf, type Workload } from '../app-model';
import type { Rule } from '../rule';

export const twoBudgets: Rule = {
  id: 'two-budgets',
  severity: 'error',
  see: 'https://kubernetes.io/docs/concepts/workloads/pods/disruptions/',
  about: 'A Pod in two PodDisruptionBudgets can never be evicted: the API server refuses it, and drains hang.',
  check(app, report) {
    const first = new Map<Workload, policyv1.PodDisruptionBudget>();
    for (const budget of app.all('policy/v1/PodDisruptionBudget')) {
      if (!budget.spec?.selector) continue;
      for (const workload of app.workloadsMatching(namespaceOf(budget), budget.spec.selector)) {
        const other = first.get(workload);
        if (other === undefined) {
          first.set(workload, budget);
          continue;
        }
        report(budget, {
          field: 'spec.selector',
          message: `protects the Pods of ${workload.object.kind} "${workload.object.metadata.name}", and so does PodDisruptionBudget "${other.metadata.name}"`,
          fix: 'let one of them select other Pods',
        });
        break;
      }
    }
  },
};
