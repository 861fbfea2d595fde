/**
 * Subresources that are more than another strategy for the same object: one file each, one line here.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#standard-api-terminology
 */
import type { ApiRequest, ApiResponse } from '../request';
import type { ServerContext } from '../server-context';
import { bindPod } from './binding';
import { evict } from './eviction';
import { scale } from './scale';
import { createToken } from './token';

type Handler = (server: ServerContext, request: ApiRequest) => ApiResponse;

const handlers: Readonly<Record<string, Handler>> = {
  scale,
  'pods/binding': bindPod,
  'pods/eviction': evict,
  'serviceaccounts/token': createToken,
};

/** Undefined: the subresource is the object itself, seen through another strategy. */
export function handleSubresource(server: ServerContext, request: ApiRequest): ApiResponse | undefined {
  const { collection } = request.resource;
  const handler = handlers[`${collection}/${request.subresource}`] ?? handlers[request.subresource];
  return handler?.(server, request);
}
