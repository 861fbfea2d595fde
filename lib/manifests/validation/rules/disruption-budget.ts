/** Budgets that protect nothing, or everything. */
import type * as policyv1 from '../../../kubernetes/types/policy-v1.generated';
import type { AppModel, Workload } from '../app-model';
import type { Rule } from '../rule';

export const budgetSelectsNothing: Rule = {
  id: 'budget-selects-nothing',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  about: 'A PodDisruptionBudget protects the Pods that its selector matches.',
  check(app, report) {
    for (const budget of app.all('policy/v1/PodDisruptionBudget')) {
      if (!budget.spec?.selector || protectedBy(app, budget).length > 0) continue;
      report(budget, { field: 'spec.selector', message: 'the selector matches no Pod', fix: 'correct the selector' });
    }
  },
};

export const budgetBlocksDrains: Rule = {
  id: 'budget-blocks-drains',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  about: 'A PodDisruptionBudget that allows no disruption at all keeps nodes from ever being drained or upgraded.',
  check(app, report) {
    for (const budget of app.all('policy/v1/PodDisruptionBudget')) {
      const { minAvailable, maxUnavailable } = budget.spec ?? {};
      const replicas = protectedBy(app, budget).reduce((sum, { object }) => sum + (object.spec?.replicas ?? 1), 0);
      const none = maxUnavailable === 0 || maxUnavailable === '0%' || minAvailable === '100%';
      const all = typeof minAvailable === 'number' && replicas > 0 && minAvailable >= replicas;
      if (!none && !all) continue;
      report(budget, {
        field: maxUnavailable === undefined ? 'spec.minAvailable' : 'spec.maxUnavailable',
        message: all ? `wants ${minAvailable} of ${replicas} Pods available: none may go` : 'allows no Pod to go',
        fix: all ? 'add replicas, or lower minAvailable' : 'allow at least one',
      });
    }
  },
};

function protectedBy(app: AppModel, { spec, metadata }: policyv1.PodDisruptionBudget): readonly Workload[] {
  return spec?.selector ? app.workloadsMatching(metadata.namespace ?? 'default', spec.selector) : [];
}
