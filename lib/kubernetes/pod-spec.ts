/** Where a workload keeps the Pod that it makes. */
import { type KubernetesObject, parseApiVersion } from './object';

const TEMPLATE_KINDS = new Set([
  '/ReplicationController',
  'apps/DaemonSet',
  'apps/Deployment',
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'batch/Job',
]);

export interface PodShape {
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: any;
}

/** The labels and spec of the Pods of a workload; undefined for other kinds. */
export function podShapeOf(object: KubernetesObject): PodShape | undefined {
  const key = `${parseApiVersion(object.apiVersion).group}/${object.kind}`;
  if (key === '/Pod') return { labels: object.metadata.labels ?? {}, spec: object.spec ?? {} };
  const template = key === 'batch/CronJob' ? object.spec?.jobTemplate?.spec?.template : object.spec?.template;
  if (key !== 'batch/CronJob' && !TEMPLATE_KINDS.has(key)) return undefined;
  return { labels: template?.metadata?.labels ?? {}, spec: template?.spec ?? {} };
}

export interface PodReference {
  readonly kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ServiceAccount';
  readonly name: string;
}

/** The objects of its own namespace that a Pod names in its spec. */
export function podReferences(spec: any): PodReference[] {
  const found = new Map<string, PodReference>();
  const add = (kind: PodReference['kind'], name: unknown) => {
    if (typeof name === 'string' && name !== '') found.set(`${kind}/${name}`, { kind, name });
  };
  add('ServiceAccount', spec.serviceAccountName);
  for (const secret of spec.imagePullSecrets ?? []) add('Secret', secret.name);
  for (const volume of spec.volumes ?? []) {
    add('ConfigMap', volume.configMap?.name);
    add('Secret', volume.secret?.secretName);
    add('PersistentVolumeClaim', volume.persistentVolumeClaim?.claimName);
    for (const source of volume.projected?.sources ?? []) {
      add('ConfigMap', source.configMap?.name);
      add('Secret', source.secret?.name);
    }
  }
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    for (const source of container.envFrom ?? []) {
      add('ConfigMap', source.configMapRef?.name);
      add('Secret', source.secretRef?.name);
    }
    for (const variable of container.env ?? []) {
      add('ConfigMap', variable.valueFrom?.configMapKeyRef?.name);
      add('Secret', variable.valueFrom?.secretKeyRef?.name);
    }
  }
  return [...found.values()];
}
