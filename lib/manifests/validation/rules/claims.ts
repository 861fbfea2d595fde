/** Storage of workloads: claims and their templates. */
import type * as corev1 from '../../../kubernetes/types/core-v1.generated';
import type { Rule } from '../rule';

export const claimTemplateUnused: Rule = {
  id: 'claim-template-unused',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage',
  about: 'A claim template that no container mounts makes, and pays for, a volume per Pod that nobody uses.',
  check(app, report) {
    for (const set of app.all('apps/v1/StatefulSet')) {
      const { containers = [], initContainers = [] } = set.spec?.template?.spec ?? {};
      const mounted = new Set(
        [...containers, ...initContainers].flatMap(({ volumeMounts = [], volumeDevices = [] }) => {
          return [...volumeMounts, ...volumeDevices].map(({ name }) => name);
        }),
      );
      set.spec?.volumeClaimTemplates?.forEach(({ metadata }, index) => {
        if (mounted.has(metadata?.name ?? '')) return;
        report(set as never, {
          field: `spec.volumeClaimTemplates[${index}]`,
          message: `no container mounts the claim "${metadata?.name}"`,
          fix: 'mount it, or remove the template',
        });
      });
    }
  },
};

export const claimSharedByReplicas: Rule = {
  id: 'claim-shared-by-replicas',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes',
  about:
    'A ReadWriteOnce volume is attached to one node: replicas of a Deployment on other nodes wait for it for ever.',
  check(app, report) {
    for (const { object, namespace, pod, field } of app.workloads) {
      if (object.kind !== 'Deployment' || !(object.spec?.replicas > 1)) continue;
      pod.volumes?.forEach(({ persistentVolumeClaim }, index) => {
        if (!persistentVolumeClaim) return;
        const { claimName } = persistentVolumeClaim;
        const claim = app.tryGet<corev1.PersistentVolumeClaim>('PersistentVolumeClaim', namespace, claimName);
        const modes = claim?.spec?.accessModes ?? [];
        if (modes.length === 0 || !modes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod'))
          return;
        report(object, {
          field: `${field}.volumes[${index}].persistentVolumeClaim`,
          message: `${object.spec.replicas} replicas share PersistentVolumeClaim "${claimName}", which is ${modes.join(', ')}`,
          fix: 'take a StatefulSet with a claim template, or a volume that is ReadWriteMany',
        });
      });
    }
  },
};
