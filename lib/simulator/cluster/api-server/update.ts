/**
 * PUT, and the second half of PATCH: a stored object is replaced by a draft, through the strategy of the resource or of one
 * of its subresources.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-update
 */
import { semanticEqual } from '../../../kubernetes/equality';
import { ErrorList, root, throwIfInvalid } from '../../../kubernetes/field-errors';
import type { Draft } from '../../../kubernetes/kinds';
import type { Conversion } from '../../../kubernetes/kinds/kind-definition';
import type { KubernetesObject } from '../../../kubernetes/object';
import { conflict, notFound } from '../../../kubernetes/status-error';
import { createDraft } from './create';
import { decodeBody, settleEmptied } from './decode-body';
import { trackUpdate } from './managed-fields';
import { checkName, checkNamespace, keepSystemFields, uidPreconditionText } from './object-meta';
import { type ApiRequest, type ApiResponse, collectWarnings } from './request';
import { fromStored, previewOf, requestContext, type ServerContext, shown } from './server-context';
import { share } from './share';

const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export function update(server: ServerContext, request: ApiRequest): ApiResponse {
  const { resource, options } = request;
  const warnings: string[] = [];
  const warn = collectWarnings(request, warnings);
  const old = server.store.get(resource.collection, request.namespace || undefined, request.name);
  const draft = decodeBody(resource, request.body, {
    fieldValidation: options.fieldValidation,
    duplicateFields: request.duplicateFields ?? [],
    warn,
    ...(old && sharesWithStored(request) ? { stored: old } : {}),
  });
  checkName(draft, request.name);
  checkNamespace(resource, draft, request.namespace);
  if (!old) {
    if (!resource.kindDefinition.allowCreateOnUpdate || request.subresource !== '') {
      throw notFound(resource, request.name);
    }
    delete draft.metadata.resourceVersion;
    return { code: 201, object: createDraft(server, request, draft, warn), warnings };
  }
  const wantedUid = draft.metadata.uid;
  if (wantedUid && wantedUid !== old.metadata.uid) throw uidConflict(request, old, wantedUid);
  const object = updateDraft(server, request, { draft, old, warn });
  return { code: 200, object, warnings };
}

/** A component of the simulation writes a status: everything else it got from the store. */
function sharesWithStored({ inProcess, subresource, resource }: ApiRequest): boolean {
  return inProcess === true && subresource === 'status' && !resource.custom && !resource.conversion;
}

export interface DraftUpdate {
  /** Decoded, of the version of the request; belongs to the callee. */
  readonly draft: Draft;
  /** What is stored. */
  readonly old: KubernetesObject;
  readonly warn: (text: string) => void;
  /** The draft's managedFields are those to be stored: whoever made it knows better who owns what. */
  readonly fieldsTracked?: boolean;
  /** Nothing but the draft's managedFields differs from what is stored. @default false */
  readonly untouched?: boolean;
}

/** @returns the object as it is now, in the version of the request */
export function updateDraft(server: ServerContext, request: ApiRequest, write: DraftUpdate): KubernetesObject {
  const { resource, subresource } = request;
  const { draft, old, warn } = write;
  const kind = resource.kindDefinition;
  const strategy = subresource === '' ? kind.update : kind.subresources[subresource];
  if (!strategy) throw notFound(resource, request.name);
  const context = requestContext(server, resource, request.user);
  const oldServed = fromStored(resource, old);
  kind.applyDefaults(draft);
  // What admission adds belongs to nobody.
  if (!write.fieldsTracked) trackUpdate(server, request, draft, oldServed);
  settleEmptied(draft);
  const attributes = (object: Draft, oldObject: KubernetesObject) => ({
    operation: 'UPDATE' as const,
    resource,
    subresource,
    namespace: request.namespace,
    name: request.name,
    object,
    oldObject,
    user: request.user,
    dryRun: request.options.dryRun ?? false,
    request,
    warn,
  });
  if (!request.isAdmitted) server.admission.admit(attributes(draft, oldServed));
  keepSystemFields(draft, old);
  // Custom resources are checked in the version of the request and converted when they are stored.
  const late = resource.custom ? resource.conversion : undefined;
  const next = resource.conversion && !late ? toHub(resource.conversion, write) : draft;
  const before = resource.custom ? oldServed : old;
  checkResourceVersion(request, next, old);
  strategy.prepare(next, before, context);
  // Addresses are given out before the object is validated.
  if (resource.collection === 'services' && subresource === '') {
    server.services.allocate(next, old, request.options.dryRun);
  }
  keepSystemFields(next, old);
  throwIfInvalid(kind, next.metadata.name ?? '', strategy.validate(next, before, context));
  for (const text of strategy.warnings(next, before)) warn(text);
  const hub = late ? late.toHub(next) : next;
  const preview = previewOf(resource, hub as KubernetesObject);
  if (!request.isAdmitted) server.admission.validate(attributes(next, before));
  return storeChange(server, request, hub, { old, preview });
}

/** What was not touched stays as it is stored: the way to a version and back does not leave every field alone. */
function toHub(conversion: Conversion, { draft, old, untouched }: DraftUpdate): Draft {
  if (!untouched) return conversion.toHub(draft);
  const { managedFields } = draft.metadata;
  return { ...old, metadata: { ...old.metadata, ...(managedFields ? { managedFields } : {}) } };
}

function storeChange(
  server: ServerContext,
  request: ApiRequest,
  draft: Draft,
  { old, preview }: { readonly old: KubernetesObject; readonly preview: KubernetesObject | undefined },
): KubernetesObject {
  const { resource } = request;
  const shared = share(draft, old);
  const isSame = shared === old || isUnchanged(shared, old);
  // What reading fills in is written by the next write, whether or not that changes anything else.
  const next = resource.kindDefinition.completeStored?.(shared, old) ?? shared;
  if (isSame && next === shared) return shown(resource, old, preview);
  if (request.options.dryRun) return shown(resource, next, preview);
  if (isFinallyDeleted(next)) {
    server.store.delete(resource.collection, next.metadata.namespace, next.metadata.name!, next);
    return shown(resource, next, preview);
  }
  return shown(resource, server.store.put(resource.collection, next), preview);
}

/** The last finalizer of a deleted object is gone, and nothing else holds it. */
export function isFinallyDeleted({ kind, metadata, spec }: KubernetesObject): boolean {
  if (!metadata.deletionTimestamp || metadata.finalizers?.length) return false;
  if (kind === 'Namespace' && spec?.finalizers?.length) return false;
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

/** Equal but for key order and empty values, which storage does not keep apart. */
function isUnchanged(next: KubernetesObject, old: KubernetesObject): boolean {
  return next.metadata.resourceVersion === old.metadata.resourceVersion && semanticEqual(next, old);
}

function checkResourceVersion(request: ApiRequest, next: Draft, old: KubernetesObject): void {
  const { resource, name } = request;
  const wanted = next.metadata.resourceVersion;
  if (wanted && wanted !== '0') {
    if (wanted !== old.metadata.resourceVersion) throw conflict(resource, name, MODIFIED);
    return;
  }
  // A patch carries the version it was computed from, so only a plain update can be without one.
  if (!resource.kindDefinition.allowUnconditionalUpdate && request.verb === 'update') {
    const errors = new ErrorList();
    errors.invalid(root('metadata').child('resourceVersion'), 0, 'must be specified for an update');
    // The storage layer calls a kind by its resource.
    throwIfInvalid({ group: resource.group, kind: resource.resource }, name, errors);
  }
  next.metadata.resourceVersion = old.metadata.resourceVersion;
}

function uidConflict(request: ApiRequest, old: KubernetesObject, wanted: string): Error {
  const key = storageKey(request);
  const precondition = uidPreconditionText(wanted, old.metadata.uid);
  const text = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${precondition}`;
  return conflict(request.resource, request.name, text);
}

/** Where etcd would keep it: `/registry/pods/default/web`. The real server shows it in one error, so we do. */
function storageKey({ resource, namespace, name }: ApiRequest): string {
  const prefix = STORAGE_PREFIXES[resource.collection] ?? resource.resource;
  return ['/registry', prefix, namespace, name].filter(Boolean).join('/');
}

const STORAGE_PREFIXES: Readonly<Record<string, string>> = {
  services: 'services/specs',
  endpoints: 'services/endpoints',
  nodes: 'minions',
  replicationcontrollers: 'controllers',
  'ingresses.networking.k8s.io': 'ingress',
  'apiservices.apiregistration.k8s.io': 'apiregistration.k8s.io/apiservices',
  'customresourcedefinitions.apiextensions.k8s.io': 'apiextensions.k8s.io/customresourcedefinitions',
};
