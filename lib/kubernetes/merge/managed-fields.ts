/**
 * Field management, for the API server's write path.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 *
 * Two entry points, both pure:
 *
 *   trackUpdate  for POST, PUT and every PATCH that is no apply: which entries does the changed object get?
 *   apply        for PATCH application/apply-patch+yaml: merge, prune, conflicts, ownership.
 *
 * What the caller hands over:
 *   - `live` and `next` in the version of the request (`type.apiVersion`), decoded, defaulted, before admission. What
 *     admission adds later belongs to nobody.
 *   - `type.empty`: what the server would store for a kind without any field (the zero value of its Go struct with what
 *     its tags always write, e.g. `{metadata: {}, spec: {containers: null}, status: {}}`; for custom resources `{}`). Fields
 *     that are there before anything is set are not owned by setting something below them.
 *   - `type.resetFields`: what this endpoint does not change (`[['status']]` for the main resource, `[['spec'], ...]` for /status).
 *   - `manager`: `fieldManager` of the query, else {@link managerFromUserAgent}.
 *   - `now`: RFC 3339 in whole seconds.
 *
 * What the caller does with the answer: put `managedFields` into the object's metadata (absent when undefined). After `apply`,
 * when `changed` is true, decode and default `object` (it may hold nulls and has no defaults), then go on as for an update;
 * when it is false the object is the live one. An object that equals the stored one, managedFields included, is not written.
 */
import type { KubernetesObject, ManagedFieldsEntry } from '../object';
import { StatusError } from '../status-error';
import { ConflictError, conflictStatus } from './conflicts';
import { difference, has, type MaybeFieldSet, union } from './field-set';
import { equalJson, isObject, type JsonObject } from './json';
import { buildLastApplied, hasLastApplied, lastAppliedOf, withLastApplied } from './last-applied';
import { type ManagedType, stripped, withoutManagedFields, withoutReset } from './managed-type';
import { capUpdateManagers, isSameManager, type Manager, readSent, readStored, writeEntries } from './managers';
import { adaptManagers, reassign } from './ownership';
import { prune } from './pruning';
import { topologyOf } from './topology';
import { TypedErrors } from './typed-errors';
import { compare, fieldSetOf, merge } from './typed-merge';
import { validateTyped } from './validate-typed';

export type { ManagedType } from './managed-type';

export interface UpdateRequest {
  /** Undefined for a create. */
  readonly live?: KubernetesObject;
  readonly next: KubernetesObject;
  readonly manager: string;
  readonly now: string;
}

export interface ApplyRequest {
  /** Undefined when the object does not exist yet. */
  readonly live?: KubernetesObject;
  readonly config: JsonObject;
  readonly manager: string;
  readonly force?: boolean;
  readonly now: string;
}

export interface ApplyResult {
  readonly object: KubernetesObject;
  readonly managedFields: ManagedFieldsEntry[] | undefined;
  /** False when merging changed nothing; managedFields may have changed all the same. */
  readonly changed: boolean;
}

/** The manager of a request that does not name one: the first token of its User-Agent, at most 128 characters. */
export function managerFromUserAgent(userAgent: string): string {
  return [...(userAgent.split('/')[0] ?? '')]
    .filter((char) => !/\p{C}/u.test(char))
    .join('')
    .slice(0, 128);
}

// ---------------------------------------------------------------------------------------------------------------------
// update

/** The entries of the object after a write that is not an apply. */
export function trackUpdate(type: ManagedType, request: UpdateRequest): ManagedFieldsEntry[] | undefined {
  const { live, next } = request;
  const managers = managersForUpdate(type, live, next);
  if (managers.length === 0 && live !== undefined) return undefined; // not tracked from its creation: still not
  try {
    return writeEntries(capUpdateManagers(updated(type, managers, request)));
  } catch {
    // Kubernetes 1.35 forgets all managers of an object that does not fit the schema of one of their versions.
    return undefined;
  }
}

/** Clients may send entries; `[]` and `[{}]` reset them; what cannot be read is ignored. Subresources cannot touch them. */
function managersForUpdate(type: ManagedType, live: KubernetesObject | undefined, next: KubernetesObject): Manager[] {
  const stored = live?.metadata.managedFields;
  const sent = next.metadata.managedFields;
  if (type.subresource || sent === undefined || sent === null || equalJson(sent, stored)) return readStored(stored);
  if (sent.length === 0 || (sent.length === 1 && Object.keys(sent[0]!).length === 0)) return [];
  try {
    return readSent(sent);
  } catch {
    return readStored(stored);
  }
}

function updated(type: ManagedType, managers: readonly Manager[], request: UpdateRequest): Manager[] {
  const { next, manager, now } = request;
  const live = withoutManagedFields(request.live ?? (type.empty as KubernetesObject));
  const after = withoutManagedFields(next);
  const others = type.schemaMayChange ? adaptManagers(type, managers, live) : managers;
  const result = reassign(type, { before: live, after, others, force: true });
  const { added, modified } = result.comparison;
  const taken = stripped(withoutReset(type, union(modified, added)));
  if (taken === undefined) return result.managers;

  const identity = { manager: manager || 'unknown', operation: 'Update' as const, apiVersion: type.apiVersion };
  const entry = { ...identity, subresource: type.subresource ?? '' };
  const previous = result.managers.find((other) => isSameManager(other, entry));
  const rest = result.managers.filter((other) => other !== previous);
  return [...rest, { ...entry, time: now, fields: union(taken, previous?.fields) }];
}

// ---------------------------------------------------------------------------------------------------------------------
// apply

/**
 * Server-side apply.
 * @throws StatusError 409 with one cause per conflict; 400 for a wrong type or managedFields in the body; 500 (as the
 * real server) when the configuration does not fit the schema.
 */
export function apply(type: ManagedType, request: ApplyRequest): ApplyResult {
  checkApplied(type, request.config);
  const live = withoutManagedFields(request.live ?? (type.empty as KubernetesObject));
  const stored = readStored(request.live?.metadata.managedFields);
  const managers = stored.length > 0 || !request.live ? stored : beforeFirstApply(type, live, request.now);
  const attempt = { type, live, managers, request };
  let outcome: Outcome;
  try {
    outcome = applyOnce(attempt, request.force === true);
  } catch (error) {
    if (error instanceof TypedErrors) throw new StatusError(500, '', error.message);
    if (!(error instanceof ConflictError)) throw error;
    outcome = resolveClientSideApply(attempt, error);
  }
  return { ...outcome, object: syncLastApplied(outcome.object, request) as KubernetesObject };
}

function checkApplied(type: ManagedType, config: JsonObject): void {
  const apiVersion = textOf(config.apiVersion);
  const kind = textOf(config.kind);
  if (apiVersion !== type.apiVersion || kind !== type.kind) {
    throw new StatusError(400, 'BadRequest', `invalid object type: ${groupVersionKind(apiVersion, kind)}`);
  }
  const metadata = isObject(config.metadata) ? config.metadata : {};
  if (metadata.managedFields !== undefined && metadata.managedFields !== null) {
    throw new StatusError(400, 'BadRequest', 'metadata.managedFields must be nil');
  }
  try {
    validateTyped(topologyOf(type.schema), config);
  } catch (error) {
    const name = `${textOf(metadata.namespace)}/${textOf(metadata.name)}`;
    const what = `${name}; ${groupVersionKind(apiVersion, kind)}`;
    throw new StatusError(500, '', `failed to create typed patch object (${what}): ${(error as Error).message}`);
  }
}

/** Whatever is no text counts as not there. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** `apps/v1, Kind=Deployment`, `/v1, Kind=Pod` */
const groupVersionKind = (apiVersion: string, kind: string): string =>
  `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;

/** What an untracked object holds when it is first applied to belongs to a manager of that name. */
function beforeFirstApply(type: ManagedType, live: JsonObject, now: string): Manager[] {
  const next = live as KubernetesObject;
  return updated(type, [], { next, manager: 'before-first-apply', now });
}

interface Attempt {
  readonly type: ManagedType;
  readonly live: JsonObject;
  readonly managers: readonly Manager[];
  readonly request: ApplyRequest;
}

interface Outcome {
  readonly object: JsonObject;
  readonly managedFields: ManagedFieldsEntry[] | undefined;
  readonly changed: boolean;
}

function applyOnce(attempt: Attempt, force: boolean): Outcome {
  const { type, live, request } = attempt;
  const topology = topologyOf(type.schema);
  const managers = type.schemaMayChange ? adaptManagers(type, attempt.managers, live) : attempt.managers;
  const identity = { manager: request.manager, operation: 'Apply' as const, apiVersion: type.apiVersion };
  const entry = { ...identity, subresource: type.subresource ?? '' };
  const last = managers.find((other) => isSameManager(other, entry));
  const others = managers.filter((other) => other !== last);

  const applied = withoutReset(type, fieldSetOf(topology, request.config));
  const claimed = [...others, { ...entry, time: undefined, fields: applied }];
  const merged = merge(topology, live, request.config) as JsonObject;
  const object = last?.fields ? prune({ type, merged, last, managers: claimed }) : merged;
  const { managers: rest } = reassign(type, { before: live, after: object, others, force });
  const changed = !equalJson(live, object);
  const fields = stripped(applied);
  const time = changed ? request.now : last?.time;
  const kept = fields === undefined ? rest : [...rest, { ...entry, time, fields }];
  return { object: changed ? object : live, managedFields: writeEntries(kept), changed };
}

// ---------------------------------------------------------------------------------------------------------------------
// conflicts, and the way out of them for objects that were managed by client-side apply

/**
 * `kubectl apply --server-side` on an object that `kubectl apply` wrote: conflicts about fields that the last-applied
 * annotation holds with their live values are its own, so they do not count.
 */
function resolveClientSideApply(attempt: Attempt, error: ConflictError): Outcome {
  if (attempt.request.manager !== 'kubectl') throw conflictStatus(error.conflicts);
  const allowed = ownByLastApplied(attempt);
  const remaining = error.conflicts.filter(({ path }) => !has(allowed, path));
  if (remaining.length > 0) throw conflictStatus(remaining);
  return applyOnce(attempt, true);
}

function ownByLastApplied({ type, live }: Attempt): MaybeFieldSet {
  const lastApplied = lastAppliedOf(live);
  if (!isObject(lastApplied) || lastApplied.apiVersion !== type.apiVersion) return undefined;
  const topology = topologyOf(type.schema);
  try {
    validateTyped(topology, lastApplied);
    validateTyped(topology, live);
  } catch {
    return undefined;
  }
  const { added, modified, removed } = compare(topology, lastApplied, live);
  return difference(difference(difference(fieldSetOf(topology, lastApplied), modified), added), removed);
}

/** The annotation follows what kubectl applies, so that client-side apply could take over again. */
function syncLastApplied(object: JsonObject, { manager, config }: ApplyRequest): JsonObject {
  if (manager !== 'kubectl' || !hasLastApplied(object)) return object;
  return withLastApplied(object, buildLastApplied(config));
}
