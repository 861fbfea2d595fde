import type { KubernetesObject } from '../../../kubernetes/object';
import type * as corev1 from '../../../kubernetes/types/core-v1.generated';
import { type AppModel, containersOf, type Workload } from '../app-model';
import { closest } from '../closest';
import type { Rule } from '../rule';

type Holder = 'ConfigMap' | 'Secret';

/** One use of a ConfigMap or Secret by a Pod. */
interface Use {
  readonly holder: Holder;
  readonly name: string;
  readonly key?: string;
  readonly optional: boolean;
  readonly field: string;
}

/** In every namespace of every cluster. */
const ALWAYS_THERE = new Set(['ConfigMap/kube-root-ca.crt']);

/** https://kubernetes.io/docs/concepts/configuration/configmap/ */
export const missingConfiguration: Rule = {
  id: 'missing-configuration',
  severity: 'warning',
  about: 'A Pod that uses a ConfigMap or Secret which is not there does not start.',
  check(app, report) {
    eachUse(app, (workload, { holder, name, optional, field }) => {
      if (optional || name === '' || app.has(holder, workload.namespace, name)) return;
      if (ALWAYS_THERE.has(`${holder}/${name}`)) return;
      const known = app.objects.filter(({ kind }) => kind === holder).map(({ metadata }) => metadata.name ?? '');
      const instead = closest(name, known);
      const fix =
        instead === undefined
          ? `add the ${holder}, or accept this if something else makes it`
          : `did you mean "${instead}"?`;
      report(workload.object, {
        field,
        message: `uses ${holder} "${name}", which is not in the application`,
        fix,
      });
    });
  },
};

export const missingKey: Rule = {
  id: 'missing-key',
  severity: 'error',
  about: 'A Pod that uses a key which its ConfigMap or Secret does not have does not start.',
  check(app, report) {
    eachUse(app, (workload, { holder, name, key, optional, field }) => {
      if (optional || key === undefined) return;
      const found = app.tryGet(holder, workload.namespace, name);
      const keys = found && keysOf(found);
      if (keys === undefined || keys.includes(key)) return;
      const instead = closest(key, keys);
      const fix =
        instead === undefined ? `it has ${keys.join(', ') || 'no keys at all'}` : `did you mean "${instead}"?`;
      report(workload.object, { field, message: `uses key "${key}", which ${holder} "${name}" does not have`, fix });
    });
  },
};

const keysOf = ({ data, stringData, binaryData }: KubernetesObject) =>
  Object.keys({ ...binaryData, ...data, ...stringData });

function eachUse(app: AppModel, visit: (workload: Workload, use: Use) => void): void {
  for (const workload of app.workloads) {
    for (const use of [...environmentUses(workload), ...volumeUses(workload), ...pullSecretUses(workload)]) {
      visit(workload, use);
    }
  }
}

function environmentUses(workload: Workload): Use[] {
  return containersOf(workload).flatMap(({ container, field }) => [
    ...(container.env ?? []).flatMap(({ valueFrom }, index) => {
      const at = `${field}.env[${index}].valueFrom`;
      return [
        ...use('ConfigMap', valueFrom?.configMapKeyRef, `${at}.configMapKeyRef`),
        ...use('Secret', valueFrom?.secretKeyRef, `${at}.secretKeyRef`),
      ];
    }),
    ...(container.envFrom ?? []).flatMap(({ configMapRef, secretRef }, index) => [
      ...use('ConfigMap', configMapRef, `${field}.envFrom[${index}].configMapRef`),
      ...use('Secret', secretRef, `${field}.envFrom[${index}].secretRef`),
    ]),
  ]);
}

function volumeUses({ pod, field }: Workload): Use[] {
  return (pod.volumes ?? []).flatMap((volume, index) => {
    const at = `${field}.volumes[${index}]`;
    const projected = (volume.projected?.sources ?? []).flatMap(({ configMap, secret }, source) => [
      ...withItems('ConfigMap', configMap, `${at}.projected.sources[${source}].configMap`),
      ...withItems('Secret', secret, `${at}.projected.sources[${source}].secret`),
    ]);
    const { configMap, secret } = volume;
    return [
      ...withItems('ConfigMap', configMap, `${at}.configMap`),
      ...withItems('Secret', secret && { ...secret, name: secret.secretName }, `${at}.secret`),
      ...projected,
    ];
  });
}

function pullSecretUses({ pod, field }: Workload): Use[] {
  return (pod.imagePullSecrets ?? []).flatMap((reference, index) =>
    use('Secret', reference, `${field}.imagePullSecrets[${index}]`),
  );
}

interface Reference {
  readonly name?: string;
  readonly key?: string;
  readonly optional?: boolean;
}

function use(holder: Holder, reference: Reference | undefined, field: string): Use[] {
  if (!reference) return [];
  const { name = '', key, optional = false } = reference;
  return [{ holder, name, optional, field, ...(key === undefined ? {} : { key }) }];
}

function withItems(
  holder: Holder,
  source: (Reference & { readonly items?: readonly corev1.KeyToPath[] }) | undefined,
  field: string,
): Use[] {
  if (!source) return [];
  const items = (source.items ?? []).flatMap(({ key }, index) =>
    use(holder, { ...source, key }, `${field}.items[${index}].key`),
  );
  return [...use(holder, source, field), ...items];
}
