/**
 * POST: a new object, from its decoded draft to the store.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#single-resource-api
 */
import { throwIfInvalid } from '../../../kubernetes/field-errors';
import type { Draft } from '../../../kubernetes/kinds';
import type { KubernetesObject } from '../../../kubernetes/object';
import { alreadyExists, internalError, StatusError } from '../../../kubernetes/status-error';
import type { AdmissionAttributes } from './admission/admission';
import { decodeBody, settleEmptied } from './decode-body';
import { trackUpdate } from './managed-fields';
import { checkNamespace, fillSystemFields, nameObject } from './object-meta';
import { type ApiRequest, type ApiResponse, collectWarnings } from './request';
import { previewOf, requestContext, type ServerContext, shown } from './server-context';
import { share } from './share';

export function create(server: ServerContext, request: ApiRequest): ApiResponse {
  const { resource, options } = request;
  const warnings: string[] = [];
  const warn = collectWarnings(request, warnings);
  const draft = decodeBody(resource, request.body, {
    fieldValidation: options.fieldValidation,
    duplicateFields: request.duplicateFields ?? [],
    warn,
  });
  checkNamespace(resource, draft, request.namespace);
  const object = createDraft(server, request, draft, warn);
  return { code: 201, object, warnings };
}

/**
 * The part of a create that updates of missing objects and applies share. The draft is decoded, of the version of the
 * request, and belongs to this function.
 * @returns the new object in the version of the request
 */
export function createDraft(
  server: ServerContext,
  request: ApiRequest,
  draft: Draft,
  warn: (text: string) => void,
): KubernetesObject {
  const { resource } = request;
  const { kindDefinition: kind } = resource;
  const context = requestContext(server, resource, request.user);
  fillSystemFields(server, draft);
  kind.applyDefaults(draft);
  if (draft.metadata.generateName && !draft.metadata.name) nameObject(server, resource, draft);
  // What admission adds belongs to nobody; an apply has already said who owns what.
  if (request.patchType !== 'apply') trackUpdate(server, request, draft, undefined);
  settleEmptied(draft);
  const attributes = (object: Draft): AdmissionAttributes => ({
    operation: 'CREATE',
    resource,
    subresource: '',
    namespace: request.namespace,
    name: object.metadata.name ?? '',
    object,
    user: request.user,
    dryRun: request.options.dryRun ?? false,
    request,
    warn,
  });
  server.admission.admit(attributes(draft));
  // Custom resources are checked in the version of the request and converted when they are stored.
  const late = resource.custom ? resource.conversion : undefined;
  const stored = resource.conversion && !late ? resource.conversion.toHub(draft) : draft;
  nameObject(server, resource, stored, kind.fallbackName?.(context));
  kind.prepareForCreate(stored, context);
  if (resource.collection === 'services') server.services.allocate(stored, undefined, request.options.dryRun);
  throwIfInvalid(kind, stored.metadata.name ?? '', kind.validate(stored, context));
  for (const text of kind.warnings(stored)) warn(text);
  const hub = late ? late.toHub(stored) : stored;
  const preview = previewOf(resource, hub as KubernetesObject);
  server.admission.validate(attributes(stored));
  return storeNew(server, request, hub, preview);
}

function storeNew(
  server: ServerContext,
  request: ApiRequest,
  draft: Draft,
  preview: KubernetesObject | undefined,
): KubernetesObject {
  const { resource } = request;
  const { namespace, name, resourceVersion } = draft.metadata;
  if (resourceVersion && !request.options.dryRun) {
    throw internalError('resourceVersion should not be set on objects to be created');
  }
  const existing = server.store.get(resource.collection, namespace, name!);
  if (existing) throw existsError(request, existing);
  const object = hasTemplate(request) ? share(draft, request.body) : draft;
  if (request.options.dryRun) return shown(resource, object, preview);
  return shown(resource, server.store.put(resource.collection, object), preview);
}

/** Controllers make many objects from one spec, which these should share. Of other bodies (Events) there is only one each. */
function hasTemplate({ inProcess, body }: ApiRequest): boolean {
  return inProcess === true && typeof (body as KubernetesObject).spec === 'object';
}

function existsError(request: ApiRequest, existing: KubernetesObject): StatusError {
  const error = alreadyExists(request.resource, existing.metadata.name!);
  if (!existing.metadata.deletionTimestamp) return error;
  return new StatusError(409, 'AlreadyExists', `object is being deleted: ${error.message}`, error.details);
}
