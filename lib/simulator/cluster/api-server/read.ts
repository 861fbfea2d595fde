/**
 * GET of one object and of collections: selectors, pages, resource versions.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { notFound } from '../../../kubernetes/status-error';
import { listPage } from './paging';
import type { ApiRequest, ApiResponse } from './request';
import { compileSelection } from './selection';
import { allFromStored, fromStored, type ServerContext } from './server-context';

export function get(server: ServerContext, request: ApiRequest): ApiResponse {
  const { resource } = request;
  if (resource.computed) return getComputed(resource.computed(request.namespace), request);
  const stored = server.store.get(resource.collection, request.namespace || undefined, request.name);
  if (!stored) throw notFound(resource, request.name);
  return { code: 200, object: fromStored(resource, stored), warnings: [] };
}

/** A server behind the aggregation layer says the namespace, too. */
function getComputed(objects: readonly KubernetesObject[], { resource, namespace, name }: ApiRequest): ApiResponse {
  const object = objects.find(({ metadata }) => metadata.name === name);
  if (!object) throw notFound(resource, resource.namespaced ? `${namespace}/${name}` : name);
  return { code: 200, object, warnings: [] };
}

export function list(server: ServerContext, request: ApiRequest): ApiResponse {
  const { computed } = request.resource;
  if (computed) {
    const selects = compileSelection(request.resource, request.options);
    const items = computed(request.namespace).filter((object) => !selects || selects(object));
    return { code: 200, list: { items, resourceVersion: '' }, warnings: [] };
  }
  const page = listPage(server, request);
  return { code: 200, list: { ...page, items: allFromStored(request.resource, page.items) }, warnings: [] };
}

/** The stored objects that the selectors of a request mean, in the order of their keys. */
export function selectObjects(server: ServerContext, request: ApiRequest): readonly KubernetesObject[] {
  const selects = compileSelection(request.resource, request.options);
  const objects = server.store.sorted(request.resource.collection, request.namespace || undefined);
  return selects === undefined ? objects : objects.filter(selects);
}
