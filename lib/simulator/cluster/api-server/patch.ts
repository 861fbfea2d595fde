/**
 * PATCH: the stored object in the version of the request, changed by a patch document, then written like a PUT.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-update
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Schema } from '../../../kubernetes/schema/schema';
import { notFound } from '../../../kubernetes/status-error';
import { decodeBody } from './decode-body';
import { checkName, checkNamespace } from './object-meta';
import type { ApiRequest, ApiResponse } from './request';
import { fromStored, type ServerContext } from './server-context';
import { updateDraft } from './update';

export function patch(server: ServerContext, request: ApiRequest): ApiResponse {
  const { resource, options } = request;
  const warnings: string[] = [];
  const warn = (text: string) => warnings.push(text);
  const old = server.store.get(resource.collection, request.namespace || undefined, request.name);
  if (!old) throw notFound(resource, request.name);
  const patched = applyPatch(fromStored(resource, old), request, resource.schema);
  const draft = decodeBody(resource, patched, { fieldValidation: options.fieldValidation, duplicateFields: [], warn });
  checkName(draft, request.name);
  checkNamespace(resource, draft, request.namespace);
  const object = updateDraft(server, request, { draft, old, warn });
  return { code: 200, object, warnings };
}

/** For now every patch is a JSON merge patch. */
export function applyPatch(current: KubernetesObject, request: ApiRequest, _schema: Schema): unknown {
  return mergePatch(current, request.body);
}

function mergePatch(target: unknown, document: unknown): unknown {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return document;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const out: Record<string, unknown> = isObject ? { ...(target as Record<string, unknown>) } : {};
  for (const [key, value] of Object.entries(document)) {
    if (value === null) delete out[key];
    else out[key] = mergePatch(out[key], value);
  }
  return out;
}
