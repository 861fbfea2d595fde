/**
 * From what a program or a YAML file says to what is sent: names checked, namespaces filled in, and every kind found in
 * the server's discovery.
 */
import { type KubernetesObject, parseApiVersion, type Resource } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';
import { type ApplySet, asMember, PART_OF_LABEL } from './apply-set';
import type { Discovery } from './discovery';
import { formatRef, keyOf, type ObjectKey, type ObjectRef, refOf } from './object-ref';

export interface Desired {
  readonly key: ObjectKey;
  readonly ref: ObjectRef;
  readonly object: KubernetesObject;
  /** Undefined while its definition is itself among the objects and not in the cluster yet. */
  readonly resource?: Resource;
}

/**
 * @throws UserError for an object without a kind or a name, twice the same object, a kind that the server does not
 * know, or an object that carries the label of another set.
 */
export async function prepare(
  objects: readonly KubernetesObject[],
  set: ApplySet,
  discovery: Discovery,
): Promise<Desired[]> {
  const definitions = definedKinds(objects);
  const desired = new Map<ObjectKey, Desired>();
  for (const object of objects) {
    requireIdentity(object);
    const { group, version } = parseApiVersion(object.apiVersion);
    const resource = await discovery.tryResourceOf(group, version, object.kind);
    const namespaced = resource?.namespaced ?? definitions.get(`${group}/${version}/${object.kind}`);
    if (namespaced === undefined) throw await unknownKind(object, discovery);
    const placed = asMember(set, withNamespace(stripServerFields(object), namespaced));
    refuseOtherSets(object, set);
    const ref = refOf(placed);
    const key = keyOf(ref);
    if (desired.has(key)) throw twice(ref);
    desired.set(key, { key, ref, object: placed, ...(resource ? { resource } : {}) });
  }
  return [...desired.values()];
}

/** Kinds that CustomResourceDefinitions among the objects define, and whether they are namespaced. */
function definedKinds(objects: readonly KubernetesObject[]): Map<string, boolean> {
  const kinds = new Map<string, boolean>();
  for (const { kind, spec } of objects) {
    if (kind !== 'CustomResourceDefinition') continue;
    for (const version of spec?.versions ?? []) {
      kinds.set(`${spec.group}/${version.name}/${spec.names?.kind}`, spec.scope === 'Namespaced');
    }
  }
  return kinds;
}

function requireIdentity(object: KubernetesObject): void {
  if (!object?.apiVersion || !object.kind) {
    throw new UserError(
      'NotAnObject',
      `Not a Kubernetes object: ${JSON.stringify(object)?.slice(0, 120)}`,
      'Every object needs apiVersion and kind.',
    );
  }
  if (object.metadata?.name) return;
  const hint = object.metadata?.generateName
    ? 'generateName makes a new object at every apply; give it a name.'
    : 'Every object needs metadata.name.';
  throw new UserError('NameMissing', `A ${object.kind} (${object.apiVersion}) has no name.`, hint);
}

async function unknownKind(object: KubernetesObject, discovery: Discovery): Promise<UserError> {
  const { apiVersion, kind, metadata } = object;
  const others = (await discovery.versionsOf(kind)).map(({ group, version }) =>
    group ? `${group}/${version}` : version,
  );
  const hint =
    others.length > 0
      ? `The cluster serves ${kind} as ${[...new Set(others)].join(', ')}: write apiVersion: ${others[0]}.`
      : 'Is its CustomResourceDefinition missing?';
  return new UserError(
    'UnknownKind',
    `${metadata.name}: no matches for kind "${kind}" in version "${apiVersion}"`,
    hint,
  );
}

function withNamespace(object: KubernetesObject, namespaced: boolean): KubernetesObject {
  const { namespace, ...metadata } = object.metadata;
  return { ...object, metadata: namespaced ? { ...metadata, namespace: namespace || 'default' } : metadata };
}

/** What the server writes and an apply must not: often there in manifests that were exported from a cluster. */
function stripServerFields(object: KubernetesObject): KubernetesObject {
  const { status: _status, ...rest } = object;
  const { managedFields, resourceVersion, uid, generation, creationTimestamp, selfLink, ...metadata } = object.metadata;
  return { ...rest, metadata } as KubernetesObject;
}

function refuseOtherSets(object: KubernetesObject, set: ApplySet): void {
  const owner = object.metadata.labels?.[PART_OF_LABEL];
  if (owner === undefined || owner === set.id) return;
  const hint = `Remove the label ${PART_OF_LABEL}; drydock sets it.`;
  throw new UserError('OtherSet', `${formatRef(refOf(object))} says that it belongs to another set (${owner}).`, hint);
}

function twice(ref: ObjectRef): UserError {
  const where = ref.namespace ? ` in namespace ${ref.namespace}` : '';
  return new UserError(
    'DuplicateObject',
    `${formatRef(ref)}${where} is there twice.`,
    'Remove one, or give it another name.',
  );
}
