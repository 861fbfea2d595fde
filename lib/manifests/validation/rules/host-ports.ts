/** Ports of the nodes that DaemonSets take. */
import type { Workload } from '../app-model';
import type { Rule } from '../rule';

export const hostPortConflict: Rule = {
  id: 'host-port-conflict',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/configuration/overview/#services',
  about: 'A port of a node belongs to one Pod; a second Pod that wants it stays Pending.',
  check(app, report) {
    const first = new Map<string, Workload>();
    for (const workload of app.workloads) {
      // Whoever chooses nodes may well choose others.
      if (workload.object.kind !== 'DaemonSet' || workload.pod.nodeSelector || workload.pod.affinity) continue;
      for (const { container, field } of workload.containers) {
        container.ports?.forEach(({ hostPort, containerPort, protocol = 'TCP', hostIP = '' }, index) => {
          const port = hostPort ?? (workload.pod.hostNetwork ? containerPort : undefined);
          if (port === undefined) return;
          const key = `${port}/${protocol}/${hostIP}`;
          const other = first.get(key);
          if (other === undefined) first.set(key, workload);
          else if (other !== workload) {
            report(workload.object, {
              field: `${field}.ports[${index}]`,
              message: `takes port ${port} of every node, and so does DaemonSet "${other.object.metadata.name}"`,
              fix: 'choose another port',
            });
          }
        });
      }
    }
  },
};
