/** What the API server has acknowledged can be read: at once, and in the log for good. */
import type { CheckerFactory } from './checker';

export const acknowledgedWrites: CheckerFactory = ({ cluster: { store, api } }) => {
  let problem: string | undefined;
  api.observers.add((request, response) => {
    if (!('object' in response) || request.subresource === 'binding' || request.subresource === 'eviction') return;
    if (request.subresource !== '' && request.subresource !== 'status') return;
    const { collection } = request.resource;
    const { namespace, name, resourceVersion, uid } = response.object.metadata ?? {};
    if (!resourceVersion || !uid) return;
    const stored = store.get(collection, namespace, name!);
    const what = `${request.verb} of ${collection}/${name}`;
    const revision = Number(resourceVersion);
    if (stored && Number(stored.metadata.resourceVersion) < revision) {
      problem ??= `${what} was acknowledged at ${revision}, but ${stored.metadata.resourceVersion} is stored`;
    } else if (!stored && request.verb !== 'delete') {
      const isDeleted = store.eventsAfter(collection, revision - 1)?.some((event) => event.object.metadata.uid === uid);
      if (!isDeleted) problem ??= `${what} was acknowledged at ${revision}, but nothing is stored`;
    }
  });
  return { check: () => problem };
};
