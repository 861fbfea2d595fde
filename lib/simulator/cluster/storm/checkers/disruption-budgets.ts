/** An eviction that was allowed leaves as many healthy Pods as every budget asks for, or takes one that was not healthy. */
import { isTerminating, type KubernetesObject } from '../../../../kubernetes/object';
import { matcherOf } from '../../controllers/ownership';
import { isPodReady } from '../../controllers/pods';
import type { CheckerFactory } from './checker';
import { PROPAGATION_MS } from './checker';

const BUDGETS = 'poddisruptionbudgets.policy';

export const disruptionBudgets: CheckerFactory = ({ cluster: { store, api }, simulation }) => {
  let problem: string | undefined;
  /** When each Pod was last seen healthy: the budget's status may be that old. */
  const lastHealthy = new Map<string, number>();
  const isHealthy = (pod: KubernetesObject) => isPodReady(pod) && !isTerminating(pod);

  api.observers.add((request) => {
    if (request.resource.collection !== 'pods' || request.subresource !== 'eviction') return;
    const now = simulation.clock.now();
    const { namespace, name } = request;
    const evicted = store.get('pods', namespace, name);
    if (!evicted || !isPodReady(evicted)) return;
    for (const budget of store.list(BUDGETS, namespace)) {
      const matches = matcherOf(budget.spec.selector);
      if (!matches(evicted.metadata.labels)) continue;
      const others = [...store.list('pods', namespace)].filter(
        (pod) => matches(pod.metadata.labels) && pod.metadata.uid !== evicted.metadata.uid,
      );
      const left = others.filter(isHealthy).length;
      const justLost = others.filter(
        (pod) => !isHealthy(pod) && now - (lastHealthy.get(pod.metadata.uid!) ?? 0) < PROPAGATION_MS,
      ).length;
      const wanted = budget.status?.desiredHealthy ?? 0;
      if (left + justLost < wanted) {
        problem ??= `the eviction of pod ${name} left ${left} healthy pods where budget ${budget.metadata.name} wants ${wanted}`;
      }
    }
  });

  return {
    check() {
      const now = simulation.clock.now();
      for (const pod of store.list('pods')) if (isHealthy(pod)) lastHealthy.set(pod.metadata.uid!, now);
      return problem;
    },
  };
};
