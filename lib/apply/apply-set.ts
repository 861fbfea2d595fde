/**
 * What belongs together: an ApplySet, one parent object that names the set, and a label on each member.
 * https://github.com/kubernetes/enhancements/blob/master/keps/sig-cli/3659-kubectl-apply-prune/README.md
 *
 * The parent says which kinds in which namespaces have members, so that finding them takes one list per kind and
 * namespace. It is a superset before anything is written and exact when all went well: whatever happens in between, no
 * member is ever out of sight. Ours is a ConfigMap; `kubectl get -l applyset.kubernetes.io/part-of=ID` finds the members.
 */
import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';
import { groupKind } from './object-ref';

export interface ApplySetRef {
  /** The name of the parent ConfigMap. */
  readonly name: string;
  /** @default default */
  readonly namespace?: string;
}

/** A kind of member. */
export interface MemberKind {
  readonly group: string;
  readonly kind: string;
}

export interface ApplySet {
  readonly name: string;
  readonly namespace: string;
  readonly id: string;
}

/** What a parent says. */
export interface ApplySetContents {
  readonly kinds: readonly MemberKind[];
  /** The parent's own one too, if it has members. */
  readonly namespaces: readonly string[];
}

export const PART_OF_LABEL = 'applyset.kubernetes.io/part-of';
const ID_LABEL = 'applyset.kubernetes.io/id';
const TOOLING = 'applyset.kubernetes.io/tooling';
const GROUP_KINDS = 'applyset.kubernetes.io/contains-group-kinds';
const ADDITIONAL_NAMESPACES = 'applyset.kubernetes.io/additional-namespaces';
const TOOL = 'drydock';

export function applySetOf(ref: ApplySetRef): ApplySet {
  const { name, namespace = 'default' } = ref;
  return { name, namespace, id: applySetId({ name, namespace, kind: 'ConfigMap', group: '' }) };
}

/** `applyset-` and the hash of where the parent is. The hash of set1.default.ConfigMap. gives applyset-LmGRwX1k...-v1. */
export function applySetId(parent: { name: string; namespace: string; kind: string; group: string }): string {
  const text = `${parent.name}.${parent.namespace}.${parent.kind}.${parent.group}`;
  return `applyset-${createHash('sha256').update(text).digest('base64url')}-v1`;
}

/** The parent as it is applied. */
export function parentOf(set: ApplySet, contents: ApplySetContents, data: Record<string, string>): KubernetesObject {
  const others = contents.namespaces.filter((namespace) => namespace !== set.namespace);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: set.name,
      namespace: set.namespace,
      labels: { [ID_LABEL]: set.id },
      annotations: {
        [TOOLING]: `${TOOL}/v1`,
        [GROUP_KINDS]: [...new Set(contents.kinds.map(groupKind))].sort().join(','),
        [ADDITIONAL_NAMESPACES]: [...new Set(others)].sort().join(','),
      },
    },
    data,
  };
}

/** @throws UserError when the parent belongs to another tool or says nothing that we understand. */
export function contentsOf(set: ApplySet, parent: KubernetesObject): ApplySetContents {
  const { labels = {}, annotations = {} } = parent.metadata;
  const where = `configmap/${set.name} in namespace ${set.namespace}`;
  const tool = annotations[TOOLING]?.split('/')[0];
  if (tool !== TOOL) {
    const owner = tool === undefined ? 'is not an inventory' : `is the inventory of ${tool}`;
    throw new UserError('InventoryNotOurs', `${where} ${owner}.`, 'Choose another name for the environment.');
  }
  const kinds = annotations[GROUP_KINDS];
  if (labels[ID_LABEL] !== set.id || kinds === undefined) {
    const hint = 'Restore its labels and annotations; deleting it would leave all its objects behind.';
    throw new UserError('InventoryDamaged', `${where} is an inventory of drydock, but was changed by hand.`, hint);
  }
  const namespaces = split(annotations[ADDITIONAL_NAMESPACES] ?? '');
  return { kinds: split(kinds).map(parseGroupKind), namespaces: [set.namespace, ...namespaces] };
}

/** An object with the label of the set. */
export function asMember(set: ApplySet, object: KubernetesObject): KubernetesObject {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, [PART_OF_LABEL]: set.id } } };
}

function split(list: string): string[] {
  return list.split(',').filter((item) => item !== '');
}

function parseGroupKind(text: string): MemberKind {
  const dot = text.indexOf('.');
  return dot < 0 ? { group: '', kind: text } : { group: text.slice(dot + 1), kind: text.slice(0, dot) };
}
