/** Services and the ports behind them. */
import type * as corev1 from '../../../kubernetes/types/core-v1.generated';
import { closest } from '../../closest';
import { namespaceOf, type Workload } from '../app-model';
import type { Rule } from '../rule';

export const serviceTargetPort: Rule = {
  id: 'service-target-port',
  severity: 'error',
  see: 'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
  about:
    'A named targetPort must be the name of a container port of the selected Pods, or the Service has no endpoints.',
  check(app, report) {
    for (const service of app.all('v1/Service')) {
      const selector = service.spec?.selector ?? {};
      if (Object.keys(selector).length === 0) continue;
      const selected = app.workloadsMatching(namespaceOf(service), { matchLabels: selector });
      if (selected.length === 0) continue;
      const ports = selected.length === 1 ? portsOf(selected[0]!) : selected.flatMap(portsOf);
      (service.spec?.ports ?? []).forEach(({ port, targetPort = port }, index) => {
        const field = `spec.ports[${index}].targetPort`;
        if (typeof targetPort === 'string' && !ports.some(({ name }) => name === targetPort)) {
          const names = [...new Set(ports.flatMap(({ name }) => name ?? []))];
          const known = closest(targetPort, names) ?? names[0];
          const fix = known === undefined ? 'name the container port' : `the container port is called "${known}"`;
          report(service, { field, message: `no selected Pod has a port named "${targetPort}"`, fix });
        }
        if (
          typeof targetPort === 'number' &&
          ports.length > 0 &&
          !ports.some((each) => each.containerPort === targetPort)
        ) {
          const numbers = new Set(ports.map(({ containerPort }) => containerPort));
          report(service, {
            // Ports need not be declared; with a single one, another number is most likely a typing error.
            severity: numbers.size === 1 ? 'warning' : 'advice',
            field,
            message: `no selected Pod declares port ${targetPort}`,
            fix: `the Pods declare ${[...numbers].join(', ')}; correct targetPort, or declare the port`,
          });
        }
      });
    }
  },
};

function portsOf({ containers }: Workload): readonly corev1.ContainerPort[] {
  if (containers.length === 1) return containers[0]!.container.ports ?? [];
  return containers.flatMap(({ container }) => container.ports ?? []);
}
