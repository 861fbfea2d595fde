/** StatefulSets and the Service that names their Pods. */
import type * as corev1 from '../../../kubernetes/types/core-v1.generated';
import { namespaceOf } from '../app-model';
import type { Rule } from '../rule';

export const statefulSetService: Rule = {
  id: 'stateful-set-service',
  severity: 'advice',
  see: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id',
  about: 'The Pods of a StatefulSet get their names in DNS from the headless Service called serviceName.',
  check(app, report) {
    for (const set of app.all('apps/v1/StatefulSet')) {
      const name = set.spec?.serviceName;
      if (!name) continue;
      const service = app.tryGet<corev1.Service>('Service', namespaceOf(set), name);
      if (service === undefined) {
        report(set, {
          field: 'spec.serviceName',
          message: `names Service "${name}", which is not in the application: its Pods have no names in DNS`,
          fix: `add a Service "${name}" with clusterIP: None`,
        });
      } else if (service.spec?.clusterIP !== 'None') {
        report(service, {
          field: 'spec.clusterIP',
          message: `governs StatefulSet "${set.metadata.name}" and is not headless: the Pods have no names in DNS`,
          fix: "set clusterIP: 'None'",
        });
      }
    }
  },
};
