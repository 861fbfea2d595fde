/**
 * ControllerRevisions: snapshots of a controller's template, never changed after they were made.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/
 */
import { type ErrorList, root } from '../field-errors';
import { controllerOf, type KubernetesObject, parseApiVersion } from '../object';
import { notNegative } from '../validation/checks';
import { immutable } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';

function validate({ data, revision }: KubernetesObject, errors: ErrorList): void {
  if (data === undefined || data === null) errors.required(root('data'), 'data is mandatory');
  notNegative(revision, root('revision'), errors);
}

export const controllerRevision = defineKind({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  resource: 'controllerrevisions',
  validate,
  validateUpdate: (next, old, errors) => {
    validate(next, errors);
    immutable(next.data, old.data, root('data'), errors);
  },
  cells: (object, context) => {
    const owner = controllerOf(object);
    return [object.metadata.name!, owner ? ownerName(owner) : '<none>', object.revision ?? 0, age(object, context)];
  },
});

/** `statefulset.apps/web` */
function ownerName({ apiVersion, kind, name }: { apiVersion: string; kind: string; name: string }): string {
  const { group } = parseApiVersion(apiVersion);
  const type = group === '' ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`;
  return `${type}/${name}`;
}
