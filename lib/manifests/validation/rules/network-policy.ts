/** Policies and the Pods that they restrict. */
import { namespaceOf } from '../app-model';
import type { Rule } from '../rule';

export const policySelectsNothing: Rule = {
  id: 'policy-selects-nothing',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  about: 'A NetworkPolicy restricts the Pods that its podSelector matches; one that matches none protects nobody.',
  check(app, report) {
    for (const policy of app.all('networking.k8s.io/v1/NetworkPolicy')) {
      const selector = policy.spec?.podSelector;
      if (!selector || app.workloadsMatching(namespaceOf(policy), selector).length > 0) continue;
      // An empty selector means all Pods, also those of other applications.
      if (!selector.matchLabels && !selector.matchExpressions) continue;
      report(policy, {
        field: 'spec.podSelector',
        message: 'the selector matches no Pod',
        fix: 'correct the selector',
      });
    }
  },
};
