/**
 * Takes over an object from `kubectl apply` or `kubectl create`, completely.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#migration-between-client-side-and-server-side-apply
 *
 * Server-side apply removes a field when its last owner does not ask for it any more. What was applied from the client's
 * side before is owned by another manager, which will never be heard of again; so such a field would stay for ever. Here its
 * ownership becomes ours, and the next apply removes what we do not ask for.
 */
import type { KubernetesObject, ManagedFieldsEntry, Resource } from '../kubernetes/object';
import { isConflict } from '../kubernetes/status-error';
import { pathOf } from './discovery';
import type { KubernetesApi } from './kubernetes-api';

/** Managers that hand their objects over: they were a person's hand, or an earlier form of ourselves. */
export const HANDED_OVER: readonly string[] = ['kubectl-client-side-apply', 'kubectl-create', 'before-first-apply'];

const MAX_ATTEMPTS = 5;

export function isToBeTakenOver(object: KubernetesObject): boolean {
  return (object.metadata.managedFields ?? []).some(handsOver);
}

/** Makes all that others handed over the property of `manager`, which has applied the object before. */
export async function takeOver(
  api: KubernetesApi,
  resource: Resource,
  applied: KubernetesObject,
  manager: string,
): Promise<void> {
  let object: KubernetesObject | undefined = applied;
  for (let attempt = 1; object && isToBeTakenOver(object); attempt++) {
    const { namespace, name, resourceVersion } = object.metadata;
    const patch = [
      { op: 'replace', path: '/metadata/managedFields', value: withoutOthers(object, manager) },
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ];
    const path = pathOf(resource, namespace, name);
    try {
      await api.send({ method: 'PATCH', path, body: patch, contentType: 'application/json-patch+json' });
      return;
    } catch (error) {
      if (!isConflict(error) || attempt === MAX_ATTEMPTS) throw error;
      object = await api.tryGet(resource, namespace, name!);
    }
  }
}

function handsOver({ manager, operation, subresource }: ManagedFieldsEntry): boolean {
  return operation === 'Update' && !subresource && HANDED_OVER.includes(manager ?? '');
}

function withoutOthers(object: KubernetesObject, manager: string): ManagedFieldsEntry[] {
  const entries = object.metadata.managedFields ?? [];
  const theirs = entries.filter(handsOver);
  return entries
    .filter((entry) => !handsOver(entry))
    .map((entry) => {
      if (entry.manager !== manager || entry.operation !== 'Apply' || entry.subresource) return entry;
      const same = theirs.filter(({ apiVersion }) => apiVersion === entry.apiVersion);
      return {
        ...entry,
        fieldsV1: same.reduce((fields, { fieldsV1 }) => union(fields, fieldsV1 ?? {}), entry.fieldsV1 ?? {}),
      };
    });
}

/** Field sets are nested maps: `{f:spec: {f:replicas: {}}}`. */
function union(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  const both = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const mine = both[key] as Record<string, unknown> | undefined;
    both[key] = mine ? union(mine, value as Record<string, unknown>) : value;
  }
  return both;
}
