/** ConfigMaps and Secrets that Pods use. */
import type { KubernetesObject } from '../../../kubernetes/object';
import { isBuiltInApiVersion } from '../../../kubernetes/resources';
import type * as corev1 from '../../../kubernetes/types/core-v1.generated';
import type { PolicyRule } from '../../../kubernetes/types/rbac-v1.generated';
import { closest } from '../../closest';
import type { AppModel, Workload } from '../app-model';
import type { Rule } from '../rule';

type Holder = 'ConfigMap' | 'Secret';

/** One use of a ConfigMap or Secret by a Pod. */
interface Use {
  readonly holder: Holder;
  readonly name: string;
  readonly key: string | undefined;
  readonly optional: boolean;
  /** Put together when somebody is told. */
  readonly field: () => string;
}

/** In every namespace of every cluster. */
const ALWAYS_THERE = new Set(['ConfigMap/kube-root-ca.crt']);

export const missingConfiguration: Rule = {
  id: 'missing-configuration',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/configuration/configmap/',
  about: 'A Pod that uses a ConfigMap or Secret which is not there does not start.',
  check(app, report) {
    eachUse(app, (workload, { holder, name, optional, field }) => {
      if (optional || name === '' || app.has(holder, workload.namespace, name)) return;
      if (ALWAYS_THERE.has(`${holder}/${name}`) || comesLater(app, holder, name)) return;
      const known = app.objects.filter(({ kind }) => kind === holder).map(({ metadata }) => metadata.name ?? '');
      const instead = closest(name, known);
      const fix =
        instead === undefined
          ? `add the ${holder}, or accept this if something else makes it`
          : `did you mean "${instead}"?`;
      report(workload.object, {
        field: field(),
        message: `uses ${holder} "${name}", which is not in the application`,
        fix,
      });
    });
  },
};

/**
 * Whether something in the application will make it: a custom resource that names it (Certificate, ExternalSecret, SealedSecret),
 * or a program that may create such objects.
 */
function comesLater(app: AppModel, holder: Holder, name: string): boolean {
  let makers = makersOf.get(app);
  if (makers === undefined) {
    makers = findMakers(app);
    makersOf.set(app, makers);
  }
  return makers.names.has(`${holder}/${name}`) || makers.programs.has(holder);
}

interface Makers {
  /** `<holder>/<name>` */
  readonly names: ReadonlySet<string>;
  /** What some role of the application allows to create. */
  readonly programs: ReadonlySet<Holder>;
}

const makersOf = new WeakMap<AppModel, Makers>();
const PLURALS: Readonly<Record<Holder, string>> = { ConfigMap: 'configmaps', Secret: 'secrets' };

function findMakers(app: AppModel): Makers {
  const names = new Set<string>();
  for (const { apiVersion, kind, metadata, spec } of app.objects) {
    if (isBuiltInApiVersion(apiVersion)) continue;
    for (const name of [spec?.secretName, spec?.target?.name, kind.endsWith('Secret') ? metadata.name : undefined]) {
      if (typeof name === 'string') names.add(`Secret/${name}`);
    }
  }
  const roles: readonly KubernetesObject[] = [
    ...app.all('rbac.authorization.k8s.io/v1/Role'),
    ...app.all('rbac.authorization.k8s.io/v1/ClusterRole'),
  ];
  const rules: readonly PolicyRule[] = roles.flatMap((role) => role.rules ?? []);
  const programs = (['ConfigMap', 'Secret'] as const).filter((holder) =>
    rules.some(({ apiGroups, resources, verbs }) => {
      return (
        apiGroups?.includes('') &&
        resources?.includes(PLURALS[holder]) &&
        verbs?.some((verb) => verb === 'create' || verb === '*')
      );
    }),
  );
  return { names, programs: new Set(programs) };
}

export const missingKey: Rule = {
  id: 'missing-key',
  severity: 'error',
  see: 'https://kubernetes.io/docs/concepts/configuration/configmap/',
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
      report(workload.object, {
        field: field(),
        message: `uses key "${key}", which ${holder} "${name}" does not have`,
        fix,
      });
    });
  },
};

const keysOf = ({ data, stringData, binaryData }: KubernetesObject) =>
  Object.keys({ ...binaryData, ...data, ...stringData });

/** Two rules ask for the same uses. */
const known = new WeakMap<Workload, readonly Use[]>();

function eachUse(app: AppModel, visit: (workload: Workload, use: Use) => void): void {
  for (const workload of app.workloads) {
    let uses = known.get(workload);
    if (uses === undefined) {
      uses = usesOf(workload);
      known.set(workload, uses);
    }
    for (const use of uses) visit(workload, use);
  }
}

interface Reference {
  readonly name?: string;
  readonly key?: string;
  readonly optional?: boolean;
}

interface Source extends Reference {
  readonly items?: readonly corev1.KeyToPath[];
}

function usesOf({ pod, containers, field }: Workload): Use[] {
  const uses: Use[] = [];
  const add = (holder: Holder, reference: Reference | undefined, at: () => string) => {
    if (!reference) return;
    const { name = '', key, optional = false } = reference;
    uses.push({ holder, name, key, optional, field: at });
  };
  const addSource = (holder: Holder, source: Source | undefined, at: () => string) => {
    if (!source) return;
    const { name, optional } = source;
    add(holder, { name, optional }, at);
    source.items?.forEach(({ key }, index) => {
      add(holder, { name, optional, key }, () => `${at()}.items[${index}].key`);
    });
  };
  for (const { container, field: at } of containers) {
    container.env?.forEach(({ valueFrom }, index) => {
      if (!valueFrom) return;
      add('ConfigMap', valueFrom.configMapKeyRef, () => `${at}.env[${index}].valueFrom.configMapKeyRef`);
      add('Secret', valueFrom.secretKeyRef, () => `${at}.env[${index}].valueFrom.secretKeyRef`);
    });
    container.envFrom?.forEach(({ configMapRef, secretRef }, index) => {
      add('ConfigMap', configMapRef, () => `${at}.envFrom[${index}].configMapRef`);
      add('Secret', secretRef, () => `${at}.envFrom[${index}].secretRef`);
    });
  }
  pod.volumes?.forEach(({ configMap, secret, projected }, index) => {
    const at = () => `${field}.volumes[${index}]`;
    addSource('ConfigMap', configMap, () => `${at()}.configMap`);
    addSource('Secret', secret && { ...secret, name: secret.secretName }, () => `${at()}.secret`);
    projected?.sources?.forEach((source, number) => {
      addSource('ConfigMap', source.configMap, () => `${at()}.projected.sources[${number}].configMap`);
      addSource('Secret', source.secret, () => `${at()}.projected.sources[${number}].secret`);
    });
  });
  pod.imagePullSecrets?.forEach((reference, index) => {
    add('Secret', reference, () => `${field}.imagePullSecrets[${index}]`);
  });
  return uses;
}
