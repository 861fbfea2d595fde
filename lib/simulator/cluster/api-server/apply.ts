/**
 * PATCH application/apply-patch+yaml: the client says which fields it wants, the server merges, creates what is missing and
 * remembers who wanted what.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
import { ErrorList, root, throwIfInvalid } from '../../../kubernetes/field-errors';
import type { Draft } from '../../../kubernetes/kinds';
import type { KubernetesObject } from '../../../kubernetes/object';
import { DecodeError, decode } from '../../../kubernetes/schema/decode';
import { conflict, notFound, StatusError } from '../../../kubernetes/status-error';
import { createDraft } from './create';
import { reportStrictErrors } from './decode-body';
import { applyConfiguration } from './managed-fields';
import { checkName, checkNamespace } from './object-meta';
import type { ApiRequest, ApiResponse } from './request';
import type { ServedResource } from './resources';
import { fromStored, type ServerContext } from './server-context';
import { updateDraft } from './update';

export function applyPatch(server: ServerContext, request: ApiRequest): ApiResponse {
  requireManager(request);
  const { resource } = request;
  const warnings: string[] = [];
  const warn = (text: string) => warnings.push(text);
  const old = server.store.get(resource.collection, request.namespace || undefined, request.name);
  const live = old && fromStored(resource, old);
  const config = typeof request.body === 'object' && request.body !== null ? request.body : {};
  const { object, managedFields } = applyConfiguration(server, { ...request, body: config }, live);
  const strict = {
    fieldValidation: request.options.fieldValidation,
    duplicateFields: request.duplicateFields ?? [],
    warn,
  };
  reportStrictErrors(
    [],
    strict,
    (cause) => new StatusError(400, 'BadRequest', `error strict decoding patch: ${cause}`),
  );
  const draft = decodeMerged(resource, object);
  if (managedFields) draft.metadata.managedFields = managedFields;
  else delete draft.metadata.managedFields;
  if (!old && draft.metadata.uid) {
    const cause = `uid mismatch: the provided object specified uid ${draft.metadata.uid}, and no existing object was found`;
    throw conflict(resource, request.name, cause);
  }
  checkNamespace(resource, draft, request.namespace);
  checkName(draft, request.name);
  if (old)
    return { code: 200, object: updateDraft(server, request, { draft, old, warn, fieldsTracked: true }), warnings };
  if (request.subresource !== '') throw notFound(resource, request.name);
  delete draft.metadata.resourceVersion;
  return { code: 201, object: createDraft(server, request, draft, warn), warnings };
}

export function requireManager(request: ApiRequest): void {
  if (request.options.fieldManager) return;
  const errors = new ErrorList();
  errors.required(root('fieldManager'), 'is required for apply patch');
  throwIfInvalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', errors);
}

/** The merged object as a draft of its own; what the schema could not see (a bad time, say) comes to light here. */
function decodeMerged(resource: ServedResource, object: KubernetesObject): Draft {
  try {
    const draft = decode(resource.schema, object).value as Draft;
    draft.apiVersion = resource.apiVersion;
    draft.kind = resource.kind;
    draft.metadata ??= {};
    return draft;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const { namespace = '', name = '' } = object.metadata ?? {};
    const version = resource.group === '' ? `/${resource.version}` : resource.apiVersion;
    const what = `${namespace}/${name}; ${version}, Kind=${resource.kind}`;
    const message = `failed to convert new object (${what}) to proper version (${resource.apiVersion}): ${error.message}`;
    throw new StatusError(500, '', message);
  }
}
