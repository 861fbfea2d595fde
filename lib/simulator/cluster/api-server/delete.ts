/**
 * DELETE: an object goes at once, or after its grace period, or when its finalizers are gone.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion
 *
 * Foreground and Orphan are finalizers, too: the garbage collector takes them off when the dependents are gone, or let go.
 */
import { formatTime, type KubernetesObject } from '../../../kubernetes/object';
import { conflict, notFound, type Status, StatusError } from '../../../kubernetes/status-error';
import type { AdmissionAttributes } from './admission/admission';
import { DEFINITIONS, terminateDefinition } from './custom-resources/definitions';
import { uidPreconditionText } from './object-meta';
import { selectObjects } from './read';
import type { ApiRequest, ApiResponse, DeleteRequestOptions, ObjectList } from './request';
import { allFromStored, previewOf, type ServerContext, shown } from './server-context';
import { isFinallyDeleted } from './update';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** Kinds whose DELETE answers with the object that went, not with a Status. */
const RETURNS_OBJECT = new Set([
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'deviceclasses.resource.k8s.io',
  'namespaces',
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourceclaims.resource.k8s.io',
  'resourceclaimtemplates.resource.k8s.io',
  'resourcequotas',
  'resourceslices.resource.k8s.io',
  'serviceaccounts',
  'services',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'volumeattributesclasses.storage.k8s.io',
]);

export function deleteOne(server: ServerContext, request: ApiRequest): ApiResponse {
  const { resource } = request;
  const stored = server.store.get(resource.collection, request.namespace || undefined, request.name);
  if (!stored) throw notFound(resource, request.name);
  const warnings: string[] = [];
  const options = request.deleteOptions ?? {};
  // Components of the simulation do not look at what went.
  const preview = request.inProcess ? undefined : previewOf(resource, stored);
  const { object, gone } = remove(server, request, stored, (text) => warnings.push(text));
  // 202 says: dependents are still to be deleted. Only the old form of asking for that gets it.
  const code = !gone && options.orphanDependents === false ? 202 : 200;
  if (gone && !RETURNS_OBJECT.has(resource.collection)) {
    return { code, status: successStatus(request, object), warnings };
  }
  return { code, object: request.inProcess ? object : shown(resource, object, preview), warnings };
}

/** Said with every answer, failures included. */
export const deleteWarnings = (request: ApiRequest): readonly string[] =>
  isOrphaningByDefault(request) ? [JOB_WARNING] : [];

const JOB_WARNING =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

function isOrphaningByDefault({ verb, resource, deleteOptions = {} }: ApiRequest): boolean {
  if (verb !== 'delete' && verb !== 'deletecollection') return false;
  const { propagationPolicy, orphanDependents } = deleteOptions;
  return resource.collection === 'jobs.batch' && propagationPolicy === undefined && orphanDependents === undefined;
}

/** Deletes what a list with the same selectors would show, one by one. */
export function deleteCollection(server: ServerContext, request: ApiRequest): ApiResponse {
  const { resource } = request;
  const warnings: string[] = [];
  const items = selectObjects(server, request);
  const warn = (text: string) => warnings.push(text);
  const requestFor = ({ metadata }: KubernetesObject): ApiRequest => ({
    ...request,
    namespace: metadata.namespace ?? '',
    name: metadata.name!,
  });
  // Whoever has to be asked is asked about all of them first: a request that has to wait must not have begun.
  const shownItems = request.inProcess ? items : allFromStored(resource, items);
  const { admitted, refusal } = admitAll(items, (stored) => admitRemoval(server, requestFor(stored), stored, warn));
  for (const stored of admitted) remove(server, { ...requestFor(stored), isAdmitted: true }, stored, warn);
  if (refusal) throw refusal;
  const list: ObjectList = {
    items: shownItems,
    resourceVersion: String(server.store.revision),
  };
  return { code: 200, list, warnings };
}

/** Those before the first that may not go; they go in any case. */
function admitAll(
  items: readonly KubernetesObject[],
  admit: (stored: KubernetesObject) => void,
): { readonly admitted: readonly KubernetesObject[]; readonly refusal?: StatusError } {
  for (const [i, stored] of items.entries()) {
    try {
      admit(stored);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return { admitted: items.slice(0, i), refusal: error };
    }
  }
  return { admitted: items };
}

interface Removal {
  readonly object: KubernetesObject;
  readonly gone: boolean;
}

function remove(
  server: ServerContext,
  request: ApiRequest,
  stored: KubernetesObject,
  warn: (text: string) => void,
): Removal {
  const { resource } = request;
  if (!request.isAdmitted) admitRemoval(server, request, stored, warn);
  const next =
    resource.collection === 'namespaces'
      ? terminateNamespace(server, stored)
      : resource.collection === DEFINITIONS
        ? terminateDefinition(server, stored)
        : markForDeletion(server, request, stored);
  return settle(server, request, stored, next);
}

/** @throws StatusError when a precondition does not hold, or somebody objects */
function admitRemoval(
  server: ServerContext,
  request: ApiRequest,
  stored: KubernetesObject,
  warn: (text: string) => void,
): void {
  const { resource } = request;
  const options = request.deleteOptions ?? {};
  const attributes: AdmissionAttributes = {
    operation: 'DELETE',
    resource,
    subresource: '',
    namespace: request.namespace,
    // Of a collection nobody has named the single objects.
    name: request.verb === 'deletecollection' ? '' : request.name,
    oldObject: stored,
    user: request.user,
    dryRun: request.options.dryRun ?? false,
    request,
    warn,
  };
  checkPreconditions(request, stored, options);
  server.admission.admit(attributes);
  server.admission.validate(attributes);
}

/** Stores what the deletion changed; takes the object away when nothing holds it any more. */
function settle(
  server: ServerContext,
  request: ApiRequest,
  stored: KubernetesObject,
  marked: KubernetesObject | undefined,
): Removal {
  const { store } = server;
  const { collection } = request.resource;
  const { namespace, name } = stored.metadata;
  const next = marked ?? stored;
  const gone = marked === undefined || isFinallyDeleted(next);
  if (request.options.dryRun) return { object: next, gone };
  const current = next === stored ? stored : store.put(collection, next);
  if (!gone) return { object: current, gone };
  return { object: store.delete(collection, namespace, name!, current)!, gone };
}

/** @returns the object that waits for its end; undefined when there is nothing to wait for */
function markForDeletion(
  server: ServerContext,
  request: ApiRequest,
  stored: KubernetesObject,
): KubernetesObject | undefined {
  const options = request.deleteOptions ?? {};
  const { deletionGracePeriod } = request.resource.kindDefinition;
  const { deletionTimestamp, deletionGracePeriodSeconds: current } = stored.metadata;
  // With no time left it is deleted like anything else: whatever holds it is asked again.
  if (deletionTimestamp !== undefined && current && deletionGracePeriod) {
    const shorter = shortenGrace(stored, options.gracePeriodSeconds);
    if (!shorter) return stored;
    return withFinalizers(shorter, request, options);
  }
  const held = withFinalizers(stored, request, options);
  if (deletionGracePeriod && deletionTimestamp === undefined) {
    const wanted = options.gracePeriodSeconds ?? deletionGracePeriod(stored);
    return markDeleted(server, held, gracePeriod(stored, wanted));
  }
  if (held.metadata.finalizers?.length) return markDeleted(server, held, 0);
  return undefined;
}

/** A Pod that runs nowhere, or no longer, has nothing to wait for. */
function gracePeriod(pod: KubernetesObject, wanted: number): number {
  const phase = pod.status?.phase;
  if (!pod.spec?.nodeName || phase === 'Failed' || phase === 'Succeeded') return 0;
  return wanted < 0 ? 1 : wanted;
}

/** A second delete may only bring the end nearer. Undefined when it does not. */
function shortenGrace(stored: KubernetesObject, wanted: number | undefined): KubernetesObject | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds: current = 0 } = stored.metadata;
  const seconds = wanted !== undefined && wanted < 0 ? 1 : wanted;
  if (seconds === undefined || seconds >= current) return undefined;
  const end = Date.parse(deletionTimestamp!) - (current - seconds) * 1000;
  return {
    ...stored,
    metadata: { ...stored.metadata, deletionTimestamp: formatTime(end), deletionGracePeriodSeconds: seconds },
  };
}

function markDeleted(server: ServerContext, object: KubernetesObject, graceSeconds: number): KubernetesObject {
  const { metadata } = object;
  if (metadata.deletionTimestamp !== undefined) return object;
  const deletionTimestamp = formatTime(server.simulation.clock.now() + graceSeconds * 1000);
  // Being deleted is a change of the desired state, so it counts as a generation.
  const generation = metadata.generation ? { generation: metadata.generation + 1 } : {};
  return {
    ...object,
    metadata: { ...metadata, ...generation, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds },
  };
}

function withFinalizers(
  object: KubernetesObject,
  request: ApiRequest,
  options: DeleteRequestOptions,
): KubernetesObject {
  if (request.resource.collection === 'events') return object;
  const before = object.metadata.finalizers ?? [];
  const finalizers = before.filter((each) => each !== ORPHAN && each !== FOREGROUND);
  if (shouldOrphan(request, before, options)) finalizers.push(ORPHAN);
  if (shouldDeleteInForeground(before, options)) finalizers.push(FOREGROUND);
  if (finalizers.length === before.length && finalizers.every((each) => before.includes(each))) return object;
  const { finalizers: _, ...metadata } = object.metadata;
  return { ...object, metadata: finalizers.length > 0 ? { ...metadata, finalizers } : metadata };
}

function shouldOrphan(request: ApiRequest, finalizers: readonly string[], options: DeleteRequestOptions): boolean {
  if (options.orphanDependents !== undefined) return options.orphanDependents;
  if (options.propagationPolicy !== undefined) return options.propagationPolicy === 'Orphan';
  if (finalizers.includes(ORPHAN)) return true;
  return request.resource.kindDefinition.defaultDeletePropagation === 'Orphan';
}

function shouldDeleteInForeground(finalizers: readonly string[], options: DeleteRequestOptions): boolean {
  if (options.orphanDependents !== undefined) return false;
  if (options.propagationPolicy !== undefined) return options.propagationPolicy === 'Foreground';
  return finalizers.includes(FOREGROUND);
}

/** A Namespace ends when the namespace controller has emptied it and taken the finalizer out of its spec. */
function terminateNamespace(server: ServerContext, stored: KubernetesObject): KubernetesObject {
  if (stored.metadata.deletionTimestamp !== undefined) return stored;
  return {
    ...stored,
    metadata: { ...stored.metadata, deletionTimestamp: formatTime(server.simulation.clock.now()) },
    status: { ...stored.status, phase: 'Terminating' },
  };
}

function checkPreconditions(request: ApiRequest, stored: KubernetesObject, options: DeleteRequestOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const isNamespace = request.resource.collection === 'namespaces';
  if (uid !== undefined && uid !== stored.metadata.uid) {
    const text = `the UID in the precondition (${uid}) does not match the UID in record (${stored.metadata.uid}). The object might have been deleted and then recreated`;
    throw conflict(
      conflictSubject(request),
      stored.metadata.name!,
      isNamespace ? uidPreconditionText(uid, stored.metadata.uid) : text,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== stored.metadata.resourceVersion) {
    const text = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${stored.metadata.resourceVersion}). The object might have been modified`;
    const storageText = `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${stored.metadata.resourceVersion}`;
    throw conflict(conflictSubject(request), stored.metadata.name!, isNamespace ? storageText : text);
  }
}

/** The generic registry names the kind where everything else names the resource. */
function conflictSubject({ resource }: ApiRequest): { group: string; resource: string } {
  if (resource.collection === 'namespaces') return resource;
  return { group: resource.group, resource: resource.kind };
}

function successStatus({ resource }: ApiRequest, object: KubernetesObject): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: object.metadata.name!,
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.resource,
      uid: object.metadata.uid!,
    },
  };
}
