/** Ports that probes and hooks name. */
import type * as corev1 from '../../../kubernetes/types/core-v1.generated';
import { closest } from '../../closest';
import type { Rule } from '../rule';

export const probePort: Rule = {
  id: 'probe-port',
  severity: 'error',
  see: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port',
  about: 'A probe or hook that names a port means a port of its own container; if there is none, it always fails.',
  check(app, report) {
    for (const workload of app.workloads) {
      for (const { container, field } of workload.containers) {
        const names = (container.ports ?? []).flatMap(({ name }) => (name ? [name] : []));
        for (const { port, at } of namedPorts(container)) {
          if (names.includes(port)) continue;
          const known = closest(port, names) ?? names[0];
          report(workload.object, {
            field: `${field}.${at}`,
            message: `container "${container.name}" has no port named "${port}"`,
            fix: known === undefined ? 'name the container port' : `its port is called "${known}"`,
          });
        }
      }
    }
  },
};

function namedPorts(container: corev1.Container): { readonly port: string; readonly at: string }[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const handlers = {
    livenessProbe,
    readinessProbe,
    startupProbe,
    'lifecycle.postStart': lifecycle?.postStart,
    'lifecycle.preStop': lifecycle?.preStop,
  };
  return Object.entries(handlers).flatMap(([name, handler]) => {
    const kind = handler?.httpGet ? 'httpGet' : 'tcpSocket';
    const port = handler?.[kind]?.port;
    return typeof port === 'string' ? [{ port, at: `${name}.${kind}.port` }] : [];
  });
}
