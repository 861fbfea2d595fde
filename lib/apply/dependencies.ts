/**
 * What has to be there before what: edges between objects, read off the objects themselves. One function per concept;
 * each only names what it points at, and {@link order} ignores what is not in the set.
 *
 * A dependent waits until its dependency was written (`applied`), or until it is also Current (`ready`): a Namespace or a
 * CustomResourceDefinition has to work before anything can be put into it, a ConfigMap has only to exist.
 *
 * An explicit dependency is an annotation, the one that kpt and cli-utils use:
 * `config.kubernetes.io/depends-on: apps/namespaces/shop/Deployment/db,/namespaces/shop/ConfigMap/settings`
 */
import { isBuiltInGroup } from '../kubernetes/built-in-groups';
import { type KubernetesObject, parseApiVersion } from '../kubernetes/object';
import { podReferences, podShapeOf } from '../kubernetes/pod-spec';
import { UserError } from '../kubernetes/user-error';
import type { Edge } from './graph';
import { keyOf, type ObjectKey, refOf } from './object-ref';

export interface DependencyEdge extends Edge {
  readonly until: 'applied' | 'ready';
}

export const DEPENDS_ON_ANNOTATION = 'config.kubernetes.io/depends-on';

interface Target {
  readonly key: ObjectKey;
  readonly until: 'applied' | 'ready';
  readonly why: string;
  readonly optional?: boolean;
}

type Rule = (object: KubernetesObject, all: Neighbours) => Target[];

/** Lookups over the whole set, so that no rule has to go through it. */
interface Neighbours {
  readonly definitions: ReadonlyMap<string, KubernetesObject>;
  readonly byKind: ReadonlyMap<string, readonly KubernetesObject[]>;
}

const RULES: readonly Rule[] = [
  explicitDependencies,
  namespaceOf,
  definitionOf,
  podDependencies,
  bindingDependencies,
  storageDependencies,
  backendOf,
  scaleTarget,
];

/** All edges among `objects`. */
export function dependencyEdges(objects: readonly KubernetesObject[]): DependencyEdge[] {
  const neighbours = survey(objects);
  return objects.flatMap((object) => {
    const from = keyOf(refOf(object));
    return RULES.flatMap((rule) => rule(object, neighbours)).map(({ key, ...rest }) => ({ from, to: key, ...rest }));
  });
}

function survey(objects: readonly KubernetesObject[]): Neighbours {
  const definitions = new Map<string, KubernetesObject>();
  const byKind = new Map<string, KubernetesObject[]>();
  for (const object of objects) {
    const kind = kindOf(object);
    const list = byKind.get(kind);
    if (list) list.push(object);
    else byKind.set(kind, [object]);
    if (kind === 'apiextensions.k8s.io/CustomResourceDefinition') {
      definitions.set(`${object.spec?.group}/${object.spec?.names?.kind}`, object);
    }
  }
  return { definitions, byKind };
}

function explicitDependencies(object: KubernetesObject): Target[] {
  const text = object.metadata.annotations?.[DEPENDS_ON_ANNOTATION];
  if (!text) return [];
  return text.split(',').map((item) => {
    const parts = item.trim().split('/');
    const why = `says so (${DEPENDS_ON_ANNOTATION})`;
    if (parts.length === 5 && parts[1] === 'namespaces') {
      const [group, , namespace, kind, name] = parts;
      return { key: `${group}/${kind}/${namespace}/${name}`, until: 'ready', why };
    }
    if (parts.length === 3) return { key: `${parts[0]}/${parts[1]}//${parts[2]}`, until: 'ready', why };
    const message = `${keyOf(refOf(object))} depends on "${item.trim()}", which does not name an object.`;
    throw new UserError('BadDependency', message, 'Write GROUP/namespaces/NAMESPACE/KIND/NAME, or GROUP/KIND/NAME.');
  });
}

function namespaceOf(object: KubernetesObject): Target[] {
  const { namespace } = object.metadata;
  return namespace ? [{ key: `/Namespace//${namespace}`, until: 'ready', why: 'is in this namespace' }] : [];
}

function definitionOf(object: KubernetesObject, { definitions }: Neighbours): Target[] {
  const definition = definitions.get(kindOf(object));
  return definition ? [{ key: keyOf(refOf(definition)), until: 'ready', why: 'is of this kind' }] : [];
}

/** Kinds that admission and the kubelet look at when a Pod is made: they have to be there before. */
const GOVERNORS = ['/LimitRange', '/ResourceQuota', 'networking.k8s.io/NetworkPolicy'];

function podDependencies(object: KubernetesObject, { byKind }: Neighbours): Target[] {
  const shape = podShapeOf(object);
  if (!shape) return [];
  const namespace = object.metadata.namespace ?? '';
  const targets: Target[] = podReferences(shape.spec).map(({ kind, name }) => ({
    key: `/${kind}/${namespace}/${name}`,
    until: 'applied',
    why: 'its Pods use it',
    optional: true,
  }));
  const { priorityClassName, runtimeClassName, serviceAccountName = 'default' } = shape.spec;
  targets.push(
    {
      key: `scheduling.k8s.io/PriorityClass//${priorityClassName}`,
      until: 'applied',
      why: 'its Pods use it',
      optional: true,
    },
    { key: `node.k8s.io/RuntimeClass//${runtimeClassName}`, until: 'applied', why: 'its Pods use it', optional: true },
  );
  const governing = GOVERNORS.flatMap((kind) => byKind.get(kind) ?? []);
  for (const governor of governing.filter((other) => other.metadata.namespace === namespace)) {
    targets.push({ key: keyOf(refOf(governor)), until: 'applied', why: 'governs its Pods', optional: true });
  }
  const bindings = ['RoleBinding', 'ClusterRoleBinding'].flatMap(
    (kind) => byKind.get(`rbac.authorization.k8s.io/${kind}`) ?? [],
  );
  for (const binding of bindings.filter((other) => binds(other, namespace, serviceAccountName))) {
    targets.push({ key: keyOf(refOf(binding)), until: 'applied', why: 'lets its Pods do their work', optional: true });
  }
  return targets;
}

function binds(binding: KubernetesObject, namespace: string, serviceAccount: string): boolean {
  return (binding.subjects ?? []).some(
    (subject: any) =>
      subject.kind === 'ServiceAccount' &&
      subject.name === serviceAccount &&
      (subject.namespace ?? binding.metadata.namespace) === namespace,
  );
}

function bindingDependencies(object: KubernetesObject): Target[] {
  if (!/^rbac\.authorization\.k8s\.io\/(Cluster)?RoleBinding$/.test(kindOf(object))) return [];
  const { kind, name } = object.roleRef ?? {};
  const scope = kind === 'Role' ? (object.metadata.namespace ?? '') : '';
  return [{ key: `rbac.authorization.k8s.io/${kind}/${scope}/${name}`, until: 'applied', why: 'grants this role' }];
}

function storageDependencies(object: KubernetesObject): Target[] {
  const kind = kindOf(object);
  const classes: string[] = [];
  if (kind === '/PersistentVolumeClaim' || kind === '/PersistentVolume') classes.push(object.spec?.storageClassName);
  if (kind === 'apps/StatefulSet') {
    for (const template of object.spec?.volumeClaimTemplates ?? []) classes.push(template.spec?.storageClassName);
  }
  const targets: Target[] = classes.filter(Boolean).map((name) => ({
    key: `storage.k8s.io/StorageClass//${name}`,
    until: 'applied',
    why: 'is of this storage class',
  }));
  if (kind === '/PersistentVolumeClaim' && object.spec?.volumeName) {
    targets.push({
      key: `/PersistentVolume//${object.spec.volumeName}`,
      until: 'applied',
      why: 'asks for this volume',
    });
  }
  if (kind === 'networking.k8s.io/Ingress' && object.spec?.ingressClassName) {
    const key = `networking.k8s.io/IngressClass//${object.spec.ingressClassName}`;
    targets.push({ key, until: 'applied', why: 'is of this ingress class' });
  }
  return targets;
}

/**
 * Webhooks and aggregated APIs come after what answers for them: configured before, they would refuse every request that
 * they are asked about.
 */
function backendOf(object: KubernetesObject, { byKind }: Neighbours): Target[] {
  const services = backendServices(object);
  return services.flatMap(({ namespace, name }) => {
    const service = byKind
      .get('/Service')
      ?.find((one) => one.metadata.name === name && one.metadata.namespace === namespace);
    const selector: Record<string, string> = service?.spec?.selector ?? {};
    const workloads = [...byKind.values()].flat().filter((other) => {
      const labels = podShapeOf(other)?.labels ?? {};
      const terms = Object.entries(selector);
      return (
        other.metadata.namespace === namespace &&
        terms.length > 0 &&
        terms.every(([key, value]) => labels[key] === value)
      );
    });
    return [
      { key: `/Service/${namespace}/${name}`, until: 'applied' as const, why: 'is answered by it' },
      ...workloads.map((workload) => ({
        key: keyOf(refOf(workload)),
        until: 'ready' as const,
        why: 'is answered by its Pods',
        optional: true,
      })),
    ];
  });
}

function backendServices(object: KubernetesObject): { namespace: string; name: string }[] {
  const kind = kindOf(object);
  if (kind === 'apiregistration.k8s.io/APIService') return object.spec?.service ? [object.spec.service] : [];
  if (!/^admissionregistration\.k8s\.io\/(Validating|Mutating)WebhookConfiguration$/.test(kind)) return [];
  return (object.webhooks ?? []).map((webhook: any) => webhook.clientConfig?.service).filter(Boolean);
}

function scaleTarget(object: KubernetesObject): Target[] {
  if (kindOf(object) !== 'autoscaling/HorizontalPodAutoscaler') return [];
  const { apiVersion = '', kind, name } = object.spec?.scaleTargetRef ?? {};
  const key = `${parseApiVersion(apiVersion).group}/${kind}/${object.metadata.namespace ?? ''}/${name}`;
  return [{ key, until: 'applied', why: 'scales it' }];
}

/**
 * For deletion: what owns something outside of the cluster (a load balancer, whatever a custom resource stands for) goes
 * first and alone, because the controllers that clean up after it may be among what is deleted next.
 */
export function releaseEdges(objects: readonly KubernetesObject[]): DependencyEdge[] {
  const owners = objects.filter(ownsOutside).map((object) => keyOf(refOf(object)));
  const others = objects.filter((object) => !ownsOutside(object)).map((object) => keyOf(refOf(object)));
  const why = 'may own something outside of the cluster, which has to be released first';
  return others.flatMap((from) => owners.map((to) => ({ from, to, why, until: 'ready' as const, optional: true })));
}

function ownsOutside(object: KubernetesObject): boolean {
  const kind = kindOf(object);
  if (kind === '/Service') return object.spec?.type === 'LoadBalancer';
  return kind === 'networking.k8s.io/Ingress' || !isBuiltInGroup(parseApiVersion(object.apiVersion).group);
}

function kindOf(object: KubernetesObject): string {
  return `${parseApiVersion(object.apiVersion).group}/${object.kind}`;
}
