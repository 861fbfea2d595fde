/** A watch tells changes in the order of their revisions, and whoever applies them has what a list would show. */
import type { KubernetesObject } from '../../../../kubernetes/object';
import type { Watch } from '../../api-server/watch';
import type { CheckerFactory } from './checker';

const WATCHED = ['pods', 'deployments.apps', 'nodes'];

export const watchOrder: CheckerFactory = ({ cluster: { store, api } }) => {
  const followers = WATCHED.map((collection) => {
    const resource = api.resources.findByName(collection);
    return {
      collection,
      resource,
      watch: api.watch({ resource, namespace: '' }),
      seen: new Map<string, string>(),
      last: 0,
    };
  });

  function apply(follower: (typeof followers)[number], watch: Watch): string | undefined {
    const { collection, seen } = follower;
    // What exists when a watch begins comes in no particular order.
    const isFirst = follower.last === 0;
    for (const { type, object } of watch.poll()) {
      const { metadata } = object as KubernetesObject;
      const revision = Number(metadata.resourceVersion);
      if (!isFirst && revision <= follower.last) {
        return `a watch of ${collection} told revision ${revision} after ${follower.last}`;
      }
      follower.last = Math.max(follower.last, revision);
      const key = `${metadata.namespace ?? ''}/${metadata.name}`;
      if (type === 'DELETED') seen.delete(key);
      else seen.set(key, metadata.resourceVersion!);
    }
    return undefined;
  }

  return {
    check() {
      for (const follower of followers) {
        const problem = apply(follower, follower.watch);
        if (problem) return problem;
        const { collection, seen } = follower;
        const listed = store.sorted(collection);
        if (listed.length !== seen.size) {
          return `a watch of ${collection} knows ${seen.size} objects where a list has ${listed.length}`;
        }
        for (const { metadata } of listed) {
          if (seen.get(`${metadata.namespace ?? ''}/${metadata.name}`) === metadata.resourceVersion) continue;
          return `a watch of ${collection} does not know ${metadata.name} as it is now`;
        }
      }
      return undefined;
    },
  };
};
