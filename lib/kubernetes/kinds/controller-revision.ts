/**
 * ControllerRevisions: snapshots of a controller's template, never changed after they were made.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/
 */
import { controllerOf, parseApiVersion } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';

export const controllerRevision = defineKind({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  resource: 'controllerrevisions',
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
