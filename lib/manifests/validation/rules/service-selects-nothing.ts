/** Services and the Pods behind them. */
import { matchesLabels } from '../../../kubernetes/selectors';
import { type AppModel, namespaceOf } from '../app-model';
import type { Rule } from '../rule';

export const serviceSelectsNothing: Rule = {
  id: 'service-selects-nothing',
  severity: 'error',
  see: 'https://kubernetes.io/docs/concepts/services-networking/service/#services-in-kubernetes',
  about: 'A Service sends traffic to the Pods that its selector matches; one that matches none answers nobody.',
  check(app, report) {
    for (const service of app.all('v1/Service')) {
      const selector = service.spec?.selector ?? {};
      if (service.spec?.type === 'ExternalName' || Object.keys(selector).length === 0) continue;
      const namespace = namespaceOf(service);
      if (app.workloadsMatching(namespace, { matchLabels: selector }).length > 0) continue;
      report(service, {
        field: 'spec.selector',
        message: `the selector matches no Pod: nothing in the application has the labels ${print(selector)}`,
        fix: nearMiss(app, namespace, selector),
      });
    }
  },
};

const print = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

/** The workload that shares most labels, or at least a key, or stands in another namespace. */
function nearMiss(app: AppModel, namespace: string, selector: Readonly<Record<string, string>>): string {
  const elsewhere = app.workloads.find(({ labels }) => matchesLabels(selector, labels));
  if (elsewhere) {
    return `${elsewhere.object.kind} "${elsewhere.object.metadata.name}" has them, but is in namespace "${elsewhere.namespace}"`;
  }
  const sameKeys = app
    .workloadsIn(namespace)
    .filter(({ labels }) => Object.keys(selector).some((key) => key in labels));
  const [first] = sameKeys;
  if (first === undefined) return 'correct the selector, or add the workload that it is meant for';
  const shared = Object.fromEntries(
    Object.keys(selector).flatMap((key) => (key in first.labels ? [[key, first.labels[key]!]] : [])),
  );
  return `${first.object.kind} "${first.object.metadata.name}" has ${print(shared)}; correct one of the two`;
}
