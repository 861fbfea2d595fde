/**
 * Which object: group, kind, namespace and name. The version is how it is written down, not what it is: `apps/v1beta1` and
 * `apps/v1` name the same Deployment. So identity, and every rule about kinds, leaves the version out.
 */
import { type KubernetesObject, parseApiVersion } from '../kubernetes/object';

export interface ObjectRef {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Undefined for objects of the whole cluster. */
  readonly namespace?: string;
  readonly name: string;
}

/** Identifies an object within a cluster: `apps/Deployment/shop/web`. */
export type ObjectKey = string;

export function refOf(object: KubernetesObject): ObjectRef {
  const { namespace, name } = object.metadata;
  return { ...parseApiVersion(object.apiVersion), kind: object.kind, ...(namespace ? { namespace } : {}), name: name! };
}

export function keyOf(ref: ObjectRef): ObjectKey {
  return `${ref.group}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}

/** `Deployment.apps`, or `Pod` for the core group: how ApplySets write a group and kind. */
export function groupKind(ref: { readonly group: string; readonly kind: string }): string {
  return ref.group === '' ? ref.kind : `${ref.kind}.${ref.group}`;
}

/** As kubectl prints it: `deployment.apps/web`, `service/web`. */
export function formatRef(ref: ObjectRef): string {
  const kind = ref.kind.toLowerCase();
  return `${ref.group === '' ? kind : `${kind}.${ref.group}`}/${ref.name}`;
}
