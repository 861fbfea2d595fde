/** The Pod Security Standards, where a namespace of the application enforces one. */
import { policiesOf, policyText, violationsOf, violationText } from '../../../kubernetes/pod-security/levels';
import type * as corev1 from '../../../kubernetes/types/core-v1.generated';
import type { Rule } from '../rule';

export const podSecurity: Rule = {
  id: 'pod-security',
  severity: 'error',
  see: 'https://kubernetes.io/docs/concepts/security/pod-security-admission/',
  about: 'A namespace that enforces a level of the Pod Security Standards refuses Pods that ask for more.',
  check(app, report) {
    const enforced = new Map(
      app
        .all('v1/Namespace')
        .map(({ metadata }) => [metadata.name ?? '', policiesOf(metadata.labels).enforce] as const)
        .filter(([, { level }]) => level !== 'privileged'),
    );
    if (enforced.size === 0) return;
    for (const { object, namespace, template, field } of app.workloads) {
      const policy = enforced.get(namespace);
      if (policy === undefined) continue;
      const violations = violationsOf(policy, template as { metadata: corev1.Pod['metadata']; spec: unknown });
      if (violations.length === 0) continue;
      report(object, {
        field,
        message: `violates PodSecurity "${policyText(policy)}": ${violationText(violations)}`,
        fix: `set what is named there, or lower the level of Namespace "${namespace}"`,
      });
    }
  },
};
