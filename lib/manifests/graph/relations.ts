/**
 * What the objects of an application have to do with each other, read off the objects themselves: which Service leads to
 * which Pods, what those mount and read, who scales and protects them.
 *
 * Each kind of relation has one function. It says what an object points at, whether or not that is among the objects: what is
 * missing may be in the cluster already, and is drawn as such.
 */
import type { KubernetesObject } from '../../kubernetes/object';
import { podReferences } from '../../kubernetes/pod-spec';
import type { LabelSelector } from '../../kubernetes/selectors';
import { AppModel, namespaceOf, type Workload } from '../validation/app-model';

/** A verb, so that `from verb to` is a sentence: `service/web selects deployment/web`. */
export type Verb =
  | 'routes to'
  | 'selects'
  | 'scales'
  | 'protects'
  | 'guards'
  | 'mounts'
  | 'claims from'
  | 'runs as'
  | 'grants'
  | 'grants to';

export interface GraphNode {
  /** `Deployment/shop/web`; unique. */
  readonly id: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Whether it is one of the objects, or only named by one. */
  readonly present: boolean;
}

export interface Relation {
  readonly from: string;
  readonly to: string;
  readonly verb: Verb;
  /** What a person wants to know about it, e.g. `/api → 8080`. */
  readonly label?: string;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly relations: readonly Relation[];
}

interface Target {
  readonly kind: string;
  /** @default that of the object */
  readonly namespace?: string;
  readonly name: string;
  readonly verb: Verb;
  readonly label?: string;
}

type Finder = (object: any, app: AppModel) => readonly Target[];

/** By kind, whatever its apiVersion. */
const FINDERS: Readonly<Record<string, Finder>> = {
  Ingress: ingressTargets,
  HTTPRoute: gatewayTargets,
  GRPCRoute: gatewayTargets,
  Service: ({ metadata, spec }, app) => {
    const terms = Object.keys(spec?.selector ?? {});
    if (terms.length === 0) return [];
    return selected(app, metadata.namespace, { matchLabels: spec.selector }, 'selects', portsOf(spec));
  },
  PodDisruptionBudget: ({ metadata, spec }, app) => selected(app, metadata.namespace, spec?.selector, 'protects'),
  NetworkPolicy: ({ metadata, spec }, app) => selected(app, metadata.namespace, spec?.podSelector, 'guards'),
  HorizontalPodAutoscaler: ({ spec }) => {
    const { kind, name } = spec?.scaleTargetRef ?? {};
    const { minReplicas = 1, maxReplicas } = spec ?? {};
    return kind ? [{ kind, name, verb: 'scales', label: `${minReplicas}–${maxReplicas}` }] : [];
  },
  PersistentVolumeClaim: ({ spec }) => storageClass(spec),
  StatefulSet: ({ spec }) => (spec?.volumeClaimTemplates ?? []).flatMap((claim: any) => storageClass(claim.spec)),
  RoleBinding: bindingTargets,
  ClusterRoleBinding: bindingTargets,
  TargetGroupBinding: ({ spec }) =>
    spec?.serviceRef ? [{ kind: 'Service', name: spec.serviceRef.name, verb: 'routes to' }] : [],
};

/** The graph of an application; in the order of its objects, so that the same objects give the same graph. */
export function graphOf(objects: readonly KubernetesObject[]): Graph {
  const app = new AppModel(objects);
  const nodes = new Map<string, GraphNode>();
  const relations = new Map<string, Relation>();
  for (const object of objects) {
    const { kind, metadata } = object;
    add(nodes, kind, CLUSTER_WIDE.has(kind) ? '' : namespaceOf(object), metadata.name ?? '', true);
  }
  const workloads = new Map(app.workloads.map((workload) => [workload.object, workload]));
  for (const object of objects) {
    const from = [...nodes.values()].find((node) => isNodeOf(node, object))!.id;
    const workload = workloads.get(object);
    const targets = [...(FINDERS[object.kind]?.(object, app) ?? []), ...(workload ? podTargets(workload) : [])];
    for (const { kind, name, verb, label, namespace = namespaceOf(object) } of targets) {
      const to = add(nodes, kind, CLUSTER_WIDE.has(kind) ? '' : namespace, name, false);
      const relation = { from, to, verb, ...(label ? { label } : {}) };
      relations.set(JSON.stringify([from, to, verb]), relation);
    }
  }
  return { nodes: [...nodes.values()], relations: [...relations.values()] };
}

/** Kinds without a namespace that relations lead to or start from. */
const CLUSTER_WIDE = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'IngressClass',
  'Namespace',
  'PersistentVolume',
  'PriorityClass',
  'StorageClass',
]);

const idOf = (kind: string, namespace: string, name: string): string => `${kind}/${namespace}/${name}`;

function isNodeOf({ id }: GraphNode, object: KubernetesObject): boolean {
  const { kind, metadata } = object;
  return id === idOf(kind, CLUSTER_WIDE.has(kind) ? '' : namespaceOf(object), metadata.name ?? '');
}

function add(nodes: Map<string, GraphNode>, kind: string, namespace: string, name: string, present: boolean): string {
  const id = idOf(kind, namespace, name);
  if (!nodes.has(id)) nodes.set(id, { id, kind, namespace, name, present });
  return id;
}

function selected(
  app: AppModel,
  namespace: string = 'default',
  selector: LabelSelector = {},
  verb: Verb,
  label?: string,
): Target[] {
  return app.workloadsMatching(namespace, selector).map(({ object }) => {
    return { kind: object.kind, name: object.metadata.name!, verb, ...(label ? { label } : {}) };
  });
}

/** `80 → 8080`, `https → 8443`. */
function portsOf({ ports = [] }: { ports?: { port: number; targetPort?: number | string }[] }): string {
  return ports
    .map(({ port, targetPort = port }) => (targetPort === port ? `${port}` : `${port} → ${targetPort}`))
    .join(', ');
}

function ingressTargets({ spec = {} }: any): Target[] {
  const to = (backend: any, label: string): Target[] =>
    backend?.service ? [{ kind: 'Service', name: backend.service.name, verb: 'routes to', label }] : [];
  const rules = (spec.rules ?? []).flatMap(({ host = '', http }: any) =>
    (http?.paths ?? []).flatMap(({ path = '/', backend }: any) => to(backend, `${host}${path}`)),
  );
  const secrets = (spec.tls ?? []).flatMap(({ secretName }: any) =>
    secretName ? [{ kind: 'Secret', name: secretName, verb: 'mounts' as const }] : [],
  );
  return [...to(spec.defaultBackend, 'otherwise'), ...rules, ...secrets];
}

function gatewayTargets({ spec = {} }: any): Target[] {
  return (spec.rules ?? []).flatMap(({ backendRefs = [] }: any) =>
    backendRefs
      .filter(({ kind = 'Service' }: any) => kind === 'Service')
      .map(({ name, namespace, port }: any) => ({
        kind: 'Service',
        name,
        ...(namespace ? { namespace } : {}),
        verb: 'routes to',
        label: String(port ?? ''),
      })),
  );
}

function podTargets({ pod }: Workload): Target[] {
  return podReferences(pod).map(({ kind, name }) => ({
    kind,
    name,
    verb: kind === 'ServiceAccount' ? 'runs as' : 'mounts',
  }));
}

const storageClass = (spec: any): Target[] =>
  spec?.storageClassName ? [{ kind: 'StorageClass', name: spec.storageClassName, verb: 'claims from' }] : [];

function bindingTargets({ roleRef, subjects = [] }: any): Target[] {
  return [
    ...(roleRef ? [{ kind: roleRef.kind, name: roleRef.name, verb: 'grants' as const }] : []),
    ...subjects
      .filter(({ kind }: any) => kind === 'ServiceAccount')
      .map(({ kind, name, namespace }: any) => ({
        kind,
        name,
        ...(namespace ? { namespace } : {}),
        verb: 'grants to',
      })),
  ];
}
