/** Claims that Pods mount. */
import type { Rule } from '../rule';

export const missingClaim: Rule = {
  id: 'missing-claim',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes',
  about: 'A Pod that mounts a PersistentVolumeClaim which is not there stays Pending.',
  check(app, report) {
    for (const { object, namespace, pod, field } of app.workloads) {
      const templates: readonly { metadata?: { name?: string } }[] = object.spec?.volumeClaimTemplates ?? [];
      const own = new Set(templates.map(({ metadata }) => metadata?.name));
      (pod.volumes ?? []).forEach(({ name, persistentVolumeClaim }, index) => {
        const claim = persistentVolumeClaim?.claimName;
        if (!claim || own.has(name) || app.has('PersistentVolumeClaim', namespace, claim)) return;
        report(object, {
          field: `${field}.volumes[${index}].persistentVolumeClaim.claimName`,
          message: `uses PersistentVolumeClaim "${claim}", which is not in the application`,
          fix: 'add the claim, or accept this if something else makes it',
        });
      });
    }
  },
};
