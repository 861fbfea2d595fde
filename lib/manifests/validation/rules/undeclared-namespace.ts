/** Namespaces that nobody makes. */
import type { KubernetesObject } from '../../../kubernetes/object';
import { tryResourceOfKind } from '../../../kubernetes/resources';
import { closest } from '../../closest';
import type { Rule } from '../rule';

const ALWAYS_THERE = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export const undeclaredNamespace: Rule = {
  id: 'undeclared-namespace',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/',
  about: 'Objects in a namespace that is not there are refused.',
  check(app, report) {
    const declared = app.all('v1/Namespace').map(({ metadata }) => metadata.name ?? '');
    const firstIn = new Map<string, KubernetesObject>();
    const counts = new Map<string, number>();
    for (const object of app.objects) {
      const { namespace } = object.metadata;
      // A namespace on what has none is another mistake, and the server's own.
      if (tryResourceOfKind(object.apiVersion, object.kind)?.namespaced === false) continue;
      if (namespace === undefined || declared.includes(namespace) || ALWAYS_THERE.includes(namespace)) continue;
      if (!firstIn.has(namespace)) firstIn.set(namespace, object);
      counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
    }
    for (const [namespace, object] of firstIn) {
      const count = counts.get(namespace)!;
      const instead = closest(namespace, declared);
      const others = count > 1 ? `, like ${count - 1} other ${count === 2 ? 'object' : 'objects'}` : '';
      report(object, {
        field: 'metadata.namespace',
        message: `is in namespace "${namespace}"${others}, which is not in the application`,
        fix:
          instead === undefined
            ? 'add the Namespace, or accept this if something else makes it'
            : `did you mean "${instead}"?`,
      });
    }
  },
};
