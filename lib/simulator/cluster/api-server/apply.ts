/**
 * PATCH application/apply-patch+yaml: the client says which fields it wants, the server merges, creates what is missing and
 * remembers who wanted what.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
import { ErrorList, root, throwIfInvalid } from '../../../kubernetes/field-errors';
import type { Draft } from '../../../kubernetes/kinds';
import type { KubernetesObject } from '../../../kubernetes/object';
import { DecodeError } from '../../../kubernetes/schema/decode';
import { badRequest, conflict, notFound, StatusError } from '../../../kubernetes/status-error';
import { createDraft } from './create';
import { decodeObject } from './decode-body';
import { applyConfiguration } from './managed-fields';
import { checkName, checkNamespace } from './object-meta';
import { type ApiRequest, type ApiResponse, collectWarnings } from './request';
import type { ServedResource } from './resources';
import { fromStored, type ServerContext } from './server-context';
import { updateDraft } from './update';

export function applyPatch(server: ServerContext, request: ApiRequest): ApiResponse {
  requireManager(request);
  const { resource } = request;
  const warnings: string[] = [];
  const warn = collectWarnings(request, warnings);
  const old = server.store.get(resource.collection, request.namespace || undefined, request.name);
  const live = old && fromStored(resource, old);
  const config = typeof request.body === 'object' && request.body !== null ? request.body : {};
  const { object, managedFields, changed } = applyConfiguration(server, { ...request, body: config }, live);
  reportDuplicateKeys(request, warn);
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
    return {
      code: 200,
      object: updateDraft(server, request, { draft, old, warn, fieldsTracked: true, untouched: !changed }),
      warnings,
    };
  if (request.subresource !== '') throw notFound(resource, request.name);
  delete draft.metadata.resourceVersion;
  return { code: 201, object: createDraft(server, request, draft, warn), warnings };
}

/** Keys that the YAML has twice; the door words them. Unknown fields are a matter of the schema. */
function reportDuplicateKeys({ options, duplicateFields = [] }: ApiRequest, warn: (text: string) => void): void {
  if (options.fieldValidation === 'Ignore' || duplicateFields.length === 0) return;
  if (options.fieldValidation === 'Strict') {
    const cause = ['error converting YAML to JSON: yaml: unmarshal errors:', ...duplicateFields].join('\n  ');
    throw badRequest(`error strict decoding patch: ${cause}`);
  }
  for (const text of duplicateFields) warn(text);
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
    const draft = decodeObject(resource, object).value as Draft;
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
