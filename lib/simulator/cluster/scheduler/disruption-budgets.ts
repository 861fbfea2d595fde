/**
 * PodDisruptionBudgets during preemption: it prefers victims whose budget allows it, but does not spare the others.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#poddisruptionbudget-is-supported-but-not-guaranteed
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { compileLabelSelector } from '../../../kubernetes/selectors';
import type { SchedulingView } from './framework';
import type { PodInfo } from './pod-info';

/** Counts down what the budgets allow, pod by pod. */
export class BudgetLedger {
  private readonly left = new Map<KubernetesObject, number>();

  constructor(private readonly view: SchedulingView) {}

  /** Whether removing this pod, after those asked about before, goes beyond a budget. */
  violates(pod: PodInfo): boolean {
    let violated = false;
    for (const budget of this.view.list('poddisruptionbudgets.policy', pod.namespace)) {
      if (Object.keys(pod.labels).length === 0) continue;
      if (!compileLabelSelector(budget.spec.selector)(pod.labels)) continue;
      if (budget.status?.disruptedPods?.[pod.name]) continue;
      const left = (this.left.get(budget) ?? budget.status?.disruptionsAllowed ?? 0) - 1;
      this.left.set(budget, left);
      if (left < 0) violated = true;
    }
    return violated;
  }
}
