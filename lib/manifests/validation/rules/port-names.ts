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
        for (const { port, at } of namedPorts(container)) {
          const names = (container.ports ?? []).flatMap(({ name }) => name ?? []);
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

interface NamedPort {
  readonly port: string;
  readonly at: string;
}

function namedPorts({ livenessProbe, readinessProbe, startupProbe, lifecycle }: corev1.Container): NamedPort[] {
  const found: NamedPort[] = [];
  collect(livenessProbe, 'livenessProbe', found);
  collect(readinessProbe, 'readinessProbe', found);
  collect(startupProbe, 'startupProbe', found);
  collect(lifecycle?.postStart, 'lifecycle.postStart', found);
  collect(lifecycle?.preStop, 'lifecycle.preStop', found);
  return found;
}

function collect(handler: corev1.Probe | corev1.LifecycleHandler | undefined, name: string, found: NamedPort[]): void {
  if (handler === undefined) return;
  const kind = handler.httpGet ? 'httpGet' : 'tcpSocket';
  const port = handler[kind]?.port;
  if (typeof port === 'string') found.push({ port, at: `${name}.${kind}.port` });
}
