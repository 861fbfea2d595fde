/** Ports of all nodes that Services take. */
import type * as corev1 from '../../../kubernetes/types/core-v1.generated';
import type { Rule } from '../rule';

export const nodePortConflict: Rule = {
  id: 'node-port-conflict',
  severity: 'error',
  see: 'https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport',
  about: 'A node port belongs to one Service of the whole cluster; the second one is refused.',
  check(app, report) {
    const taken = new Map<string, corev1.Service>();
    for (const service of app.all('v1/Service')) {
      (service.spec?.ports ?? []).forEach(({ nodePort, protocol = 'TCP' }, index) => {
        if (!nodePort) return;
        const key = `${nodePort}/${protocol}`;
        const other = taken.get(key);
        if (other === undefined) taken.set(key, service);
        else if (other !== service) {
          report(service, {
            field: `spec.ports[${index}].nodePort`,
            message: `asks for node port ${nodePort}, which Service "${other.metadata.name}" has`,
            fix: 'leave nodePort out and let the cluster choose',
          });
        }
      });
    }
  },
};
