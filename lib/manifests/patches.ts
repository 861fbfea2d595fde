/**
 * Patches in the forms that `kubectl patch` knows, applied to a finished object at synthesis.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
 */
import { applyJsonPatch } from '../kubernetes/merge/json-patch';
import { applyMergePatch } from '../kubernetes/merge/merge-patch';
import { applyStrategicMergePatch } from '../kubernetes/merge/strategic-merge-patch';
import { type KubernetesObject, parseApiVersion } from '../kubernetes/object';
import { trySchemaOf } from '../kubernetes/schema/schema';
import { UserError } from '../kubernetes/user-error';

/** Part of an object: null removes a field, and items of lists with a merge key (containers, ports, ...) need only that. */
export type PatchOf<T> = T extends readonly (infer Item)[]
  ? PatchOf<Item>[]
  : T extends object
    ? { [Field in keyof T]?: PatchOf<T[Field]> | null } & { $patch?: 'replace' | 'delete' | 'merge' }
    : T;

/** https://www.rfc-editor.org/rfc/rfc6902 */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** Strategic merge where the kind has merge keys; custom resources have none, and get a plain merge as in the API server. */
export function mergePatched(object: KubernetesObject, patch: unknown): KubernetesObject {
  const { group, version } = parseApiVersion(object.apiVersion);
  const schema = trySchemaOf(group, version, object.kind);
  return refusedAs(object, () => {
    const patched = schema ? applyStrategicMergePatch(object, patch, schema) : applyMergePatch(object, patch);
    return patched as KubernetesObject;
  });
}

/** @throws UserError for an operation whose path leads nowhere: a patch that changes nothing is a mistake. */
export function jsonPatched(object: KubernetesObject, operations: readonly JsonPatchOperation[]): KubernetesObject {
  return operations.reduce<KubernetesObject>((patched, operation) => {
    const what = `${operation.op} ${operation.path}`;
    return refusedAs(object, () => applyJsonPatch(patched, [operation]) as KubernetesObject, what);
  }, object);
}

function refusedAs(object: KubernetesObject, patch: () => KubernetesObject, what = 'the patch'): KubernetesObject {
  try {
    return patch();
  } catch (cause) {
    const message = `${what} does not fit ${object.kind} "${object.metadata.name}": ${(cause as Error).message}`;
    throw new UserError('PatchDoesNotFit', message, 'Correct the patch: it is applied to the finished object.');
  }
}
