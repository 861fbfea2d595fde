/** Services and the ports behind them. */
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
      const names = [...new Set(selected.flatMap(portNames))];
      const numbers = selected.flatMap(portNumbers);
      (service.spec?.ports ?? []).forEach(({ port, targetPort = port }, index) => {
        const field = `spec.ports[${index}].targetPort`;
        if (typeof targetPort === 'string' && !names.includes(targetPort)) {
          const known = closest(targetPort, names) ?? names[0];
          const fix = known === undefined ? 'name the container port' : `the container port is called "${known}"`;
          report(service, { field, message: `no selected Pod has a port named "${targetPort}"`, fix });
        }
        if (typeof targetPort === 'number' && numbers.length > 0 && !numbers.includes(targetPort)) {
          report(service, {
            // Ports need not be declared; with a single one, another number is most likely a typing error.
            severity: new Set(numbers).size === 1 ? 'warning' : 'advice',
            field,
            message: `no selected Pod declares port ${targetPort}`,
            fix: `the Pods declare ${[...new Set(numbers)].join(', ')}; correct targetPort, or declare the port`,
          });
        }
      });
    }
  },
};

const portsOf = (workload: Workload) => workload.containers.flatMap(({ container }) => container.ports ?? []);
const portNames = (workload: Workload) => portsOf(workload).flatMap(({ name }) => (name ? [name] : []));
const portNumbers = (workload: Workload) => portsOf(workload).map(({ containerPort }) => containerPort);
