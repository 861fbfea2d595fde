/** Accounts that Pods run as. */
import type { Rule } from '../rule';

export const missingServiceAccount: Rule = {
  id: 'missing-service-account',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/security/service-accounts/',
  about: 'Pods of a ServiceAccount that is not there are refused, and their workload makes none.',
  check(app, report) {
    for (const { object, namespace, pod, field } of app.workloads) {
      const name = pod.serviceAccountName;
      if (!name || name === 'default' || app.has('ServiceAccount', namespace, name)) continue;
      report(object, {
        field: `${field}.serviceAccountName`,
        message: `uses ServiceAccount "${name}", which is not in the application`,
        fix: 'add the ServiceAccount, or accept this if something else makes it',
      });
    }
  },
};
