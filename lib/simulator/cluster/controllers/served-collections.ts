/**
 * What the API server serves, as the controllers that deal with objects of every kind see it: one entry per collection.
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */
import type { ResourceName } from '../client';
import type { ClusterContext } from '../context';

export interface ServedCollection {
  readonly collection: ResourceName;
  readonly group: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** All collections whose objects can be listed and deleted, in the order of discovery. Events are nobody's business. */
export function deletableResources({ resources }: ClusterContext): readonly ServedCollection[] {
  const found = new Map<ResourceName, ServedCollection>();
  for (const { versions } of resources.groups()) {
    for (const served of versions.flatMap((version) => version.resources)) {
      const { collection, group, resource, kind, namespaced, verbs } = served;
      if (!verbs.has('delete') || !verbs.has('list') || resource === 'events' || found.has(collection)) continue;
      found.set(collection, { collection, group, resource, kind, namespaced });
    }
  }
  return [...found.values()];
}
