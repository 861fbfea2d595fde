/**
 * Gives back what a cluster holds outside of itself, whoever asked for it: load balancers and volumes that no stack knows,
 * and that would keep a VPC from being deleted, or go on costing money without one.
 *
 * They belong to Services, Ingresses, Gateways and PersistentVolumeClaims, in any namespace and of any set. Deleting these
 * while the controllers live is the one way that leaves nothing behind. A claim goes when no Pod uses it, so what runs such
 * Pods goes first.
 */
import { durationMs, systemClock } from '../clock';
import { controllerOf, type KubernetesObject, parseApiVersion, type Resource } from '../kubernetes/object';
import { podReferences } from '../kubernetes/pod-spec';
import { DEFAULT_SET } from './apply';
import { applySetOf } from './apply-set';
import type { DependencyEdge } from './dependencies';
import type { DestroyOptions } from './destroy';
import type { ApplyResult } from './events';
import { type EventBody, execute } from './execute';
import { KubernetesApi } from './kubernetes-api';
import { keyOf, refOf } from './object-ref';
import type { Change, Plan } from './plan';

interface Held {
  readonly object: KubernetesObject;
  readonly resource: Resource;
}

/**
 * Deletes every object that may own something outside of the cluster, and waits until they are gone. Where there is none,
 * nothing is said.
 */
export async function release(options: DestroyOptions): Promise<ApplyResult> {
  const clock = options.clock ?? systemClock;
  const started = clock.now();
  const { signal } = options;
  const emit = (event: EventBody) => options.onEvent?.({ at: clock.now(), ...event });
  const api = new KubernetesApi(options.transport, clock, {
    ...(signal ? { signal } : {}),
    onWarning: (message) => emit({ type: 'warning', message }),
  });
  const plan: Plan = { set: applySetOf(options.set ?? DEFAULT_SET), changes: await planRelease(api) };
  if (plan.changes.length === 0) return { outcome: 'succeeded', plan, changes: [], durationMs: clock.now() - started };
  emit({ type: 'planned', plan });
  const finish = (outcome: ApplyResult['outcome'], changes: ApplyResult['changes']): ApplyResult => {
    const result = { outcome, plan, changes, durationMs: clock.now() - started };
    emit({ type: 'finished', result });
    return result;
  };
  if (options.confirm && !(await options.confirm(plan))) return finish('refused', []);
  const changes = await execute(api, plan, {
    fieldManager: '',
    forceFrom: [],
    concurrency: options.concurrency ?? 16,
    wait: true,
    timeoutMs: durationMs(options.timeout ?? '10m'),
    ...(signal ? { signal } : {}),
    emit,
  });
  const failed = changes.some(({ outcome }) => outcome !== 'deleted');
  return finish(signal?.aborted ? 'aborted' : failed ? 'failed' : 'succeeded', changes);
}

async function planRelease(api: KubernetesApi): Promise<Change[]> {
  const [services, ingresses, gateways, claims] = await Promise.all([
    listAll(api, '', 'Service'),
    listAll(api, 'networking.k8s.io', 'Ingress'),
    listAll(api, 'gateway.networking.k8s.io', 'Gateway'),
    listAll(api, '', 'PersistentVolumeClaim'),
  ]);
  const balanced = services.filter(({ object }) => object.spec?.type === 'LoadBalancer');
  const bound = claims.filter(({ object }) => object.spec?.volumeName);
  const { users, edges } = await usersOf(api, bound);
  return [
    ...[...balanced, ...ingresses, ...gateways].map((held) => deletion(held, 'may own a load balancer')),
    ...users.map((held) => deletion(held, 'uses a volume')),
    ...bound.map((held) => deletion(held, `owns volume ${held.object.spec.volumeName}`, edges)),
  ];
}

/** What runs the Pods that use these claims: Deployments, StatefulSets, ..., or single Pods. */
async function usersOf(api: KubernetesApi, claims: readonly Held[]) {
  const byName = new Map(claims.map(({ object }) => [`${object.metadata.namespace}/${object.metadata.name}`, object]));
  const users = new Map<string, Held>();
  const edges: DependencyEdge[] = [];
  if (claims.length === 0) return { users: [], edges };
  for (const pod of await listAll(api, '', 'Pod')) {
    const used = podReferences(pod.object.spec)
      .filter(({ kind }) => kind === 'PersistentVolumeClaim')
      .flatMap(({ name }) => byName.get(`${pod.object.metadata.namespace}/${name}`) ?? []);
    if (used.length === 0) continue;
    const user = await topOwner(api, pod);
    const to = keyOf(refOf(user.object));
    users.set(to, user);
    for (const claim of used) edges.push({ from: keyOf(refOf(claim)), to, why: 'its Pods use it', until: 'ready' });
  }
  return { users: [...users.values()], edges };
}

/** A Pod's ReplicaSet's Deployment; the Pod itself when nothing controls it. */
async function topOwner(api: KubernetesApi, held: Held): Promise<Held> {
  const owner = controllerOf(held.object);
  if (!owner) return held;
  const { group, version } = parseApiVersion(owner.apiVersion);
  const resource = await api.discovery.tryResourceOf(group, version, owner.kind);
  const object = resource && (await api.tryGet(resource, held.object.metadata.namespace, owner.name));
  return object?.metadata.uid === owner.uid ? topOwner(api, { object, resource: resource! }) : held;
}

async function listAll(api: KubernetesApi, group: string, kind: string): Promise<Held[]> {
  const resource = await api.discovery.tryPreferred(group, kind);
  if (!resource) return [];
  const { items } = await api.list(resource);
  return items.map((object) => ({ object, resource }));
}

function deletion({ object, resource }: Held, cause: string, edges: readonly DependencyEdge[] = []): Change {
  const ref = refOf(object);
  const key = keyOf(ref);
  const after = edges.filter(({ from }) => from === key);
  return { key, ref, action: 'delete', cause, fields: [], live: object, resource, after };
}
