/**
 * One look at the cluster before anything is decided: the parent of the set, and its members.
 */
import { createHash } from 'node:crypto';
import { controllerOf, type KubernetesObject, type Resource } from '../kubernetes/object';
import { type ApplySet, type ApplySetContents, contentsOf, type MemberKind, PART_OF_LABEL } from './apply-set';
import { mapConcurrently } from './concurrency';
import type { KubernetesApi } from './kubernetes-api';
import { keyOf, type ObjectKey, refOf } from './object-ref';

export interface Member {
  readonly object: KubernetesObject;
  readonly resource: Resource;
}

export interface ObservedState {
  /** Undefined when the set was never applied. */
  readonly parent?: KubernetesObject;
  readonly contents: ApplySetContents;
  readonly members: ReadonlyMap<ObjectKey, Member>;
  /**
   * Kinds that have members and are not served right now: their definition is gone, or what answers for them is down. They
   * stay in the inventory, so that nothing is forgotten.
   */
  readonly unserved: readonly MemberKind[];
  /** What was applied last, as fingerprints. */
  readonly applied: ReadonlyMap<ObjectKey, string>;
}

export const CONFIG_MAP: Resource = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

/** The key in the parent's data under which the fingerprints are. */
const APPLIED_KEY = 'applied.json';

export async function observe(api: KubernetesApi, set: ApplySet): Promise<ObservedState> {
  const parent = await api.tryGet(CONFIG_MAP, set.namespace, set.name);
  if (!parent) return { contents: { kinds: [], namespaces: [] }, members: new Map(), unserved: [], applied: new Map() };
  const contents = contentsOf(set, parent);
  const served = await Promise.all(contents.kinds.map(({ group, kind }) => api.discovery.tryPreferred(group, kind)));
  const members = await listMembers(
    api,
    set,
    contents,
    served.filter((resource) => resource !== undefined),
  );
  const unserved = contents.kinds.filter((_kind, index) => served[index] === undefined);
  return { parent, contents, members, unserved, applied: readFingerprints(parent) };
}

async function listMembers(
  api: KubernetesApi,
  set: ApplySet,
  contents: ApplySetContents,
  resources: readonly Resource[],
): Promise<Map<ObjectKey, Member>> {
  const members = new Map<ObjectKey, Member>();
  const queries = resources.flatMap((resource) => {
    const namespaces: (string | undefined)[] = resource.namespaced ? [...contents.namespaces] : [undefined];
    return namespaces.map((namespace) => ({ resource, namespace }));
  });
  const labelSelector = `${PART_OF_LABEL}=${set.id}`;
  const lists = await mapConcurrently(queries, 16, async ({ resource, namespace }) => ({
    resource,
    items: (await api.list(resource, { namespace, labelSelector })).items,
  }));
  for (const { resource, items } of lists) {
    for (const object of items) {
      // Controllers hand labels on to what they make: an EndpointSlice has its Service's. It goes with its owner.
      if (controllerOf(object)) continue;
      members.set(keyOf(refOf(object)), { object, resource });
    }
  }
  return members;
}

/** A short hash of an object as it was asked for. Never of secret values, which could be guessed from it. */
export function fingerprint(object: KubernetesObject): string {
  const { data: _data, stringData: _stringData, ...rest } = object;
  const subject = object.kind === 'Secret' ? rest : object;
  return createHash('sha256').update(stableJson(subject)).digest('base64url').slice(0, 16);
}

export function writeFingerprints(objects: ReadonlyMap<ObjectKey, KubernetesObject>): Record<string, string> {
  const entries = [...objects].map(([key, object]) => [key, fingerprint(object)]).sort();
  return { [APPLIED_KEY]: JSON.stringify(Object.fromEntries(entries)) };
}

function readFingerprints(parent: KubernetesObject): Map<ObjectKey, string> {
  try {
    return new Map(Object.entries(JSON.parse(parent.data?.[APPLIED_KEY] ?? '{}')));
  } catch {
    // Only the wording of causes hangs on it.
    return new Map();
  }
}

function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
