/**
 * Who owns which field: every write leaves its mark in `metadata.managedFields`.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
import type { Draft } from '../../../kubernetes/kinds';
import {
  type ApplyResult,
  apply,
  type ManagedType,
  managerFromUserAgent,
  trackUpdate as trackFields,
} from '../../../kubernetes/merge/managed-fields';
import { formatTime, type KubernetesObject, parseApiVersion } from '../../../kubernetes/object';
import { decode, zeroValue } from '../../../kubernetes/schema/decode';
import type { ApiRequest } from './request';
import type { ServedResource } from './resources';
import type { ServerContext } from './server-context';

/** The name of the writer: what it says, else the program in its User-Agent. `kubectl/v1.35 (linux)` is `kubectl`. */
export function managerOf({ options, userAgent }: ApiRequest): string {
  return options.fieldManager || managerOfAgent(userAgent);
}

const agents = new Map<string, string>();
const MAX_AGENTS = 1_000;

function managerOfAgent(userAgent: string): string {
  let manager = agents.get(userAgent);
  if (manager === undefined) {
    manager = managerFromUserAgent(userAgent);
    if (agents.size < MAX_AGENTS) agents.set(userAgent, manager);
  }
  return manager;
}

/** Notes in `next` what this create (no `old`), update or patch changed. Both are in the version of the request. */
export function trackUpdate(
  server: ServerContext,
  request: ApiRequest,
  next: Draft,
  old: KubernetesObject | undefined,
): void {
  if (!old && takeKnownFields(server, request, next)) return;
  const managedFields = trackFields(managedType(server, request.resource, request.subresource), {
    ...(old ? { live: old } : {}),
    next: asServed(request.resource, next),
    manager: managerOf(request),
    now: now(server),
  });
  if (managedFields) next.metadata.managedFields = managedFields;
  else delete next.metadata.managedFields;
  if (!old) rememberFields(request, next);
}

/**
 * Controllers create thousands of objects from one template: the very same spec, with the same labels and owners. Such
 * siblings have the same owned fields, so these are found once, and shared by all of them.
 */
const knownFields = new WeakMap<object, Map<string, Record<string, unknown>>>();

function takeKnownFields(server: ServerContext, request: ApiRequest, next: Draft): boolean {
  const spec = templateOf(request);
  const fieldsV1 = spec && knownFields.get(spec)?.get(siblingKey(request, next));
  if (!fieldsV1) return false;
  const { apiVersion } = request.resource;
  const entry = { manager: managerOf(request), operation: 'Update' as const, apiVersion, time: now(server) };
  next.metadata.managedFields = [{ ...entry, fieldsType: 'FieldsV1', fieldsV1 }];
  return true;
}

function rememberFields(request: ApiRequest, next: Draft): void {
  const spec = templateOf(request);
  const entries = next.metadata.managedFields;
  if (!spec || entries?.length !== 1 || !entries[0]!.fieldsV1) return;
  let known = knownFields.get(spec);
  if (!known) {
    known = new Map();
    knownFields.set(spec, known);
  }
  if (known.size < 16) known.set(siblingKey(request, next), entries[0]!.fieldsV1);
}

/** The spec that the caller shares among siblings; undefined when the body says more than metadata and spec. */
function templateOf({ inProcess, body, subresource }: ApiRequest): object | undefined {
  if (!inProcess || subresource !== '') return undefined;
  const { apiVersion: _apiVersion, kind: _kind, metadata, spec, ...rest } = body as KubernetesObject;
  if (typeof spec !== 'object' || spec === null || metadata.managedFields) return undefined;
  for (const _ in rest) return undefined;
  return spec;
}

/** Everything else that decides which fields are owned. */
function siblingKey(request: ApiRequest, { metadata }: Draft): string {
  const { labels, annotations, ownerReferences, finalizers, generateName } = metadata;
  return JSON.stringify([
    managerOf(request),
    request.resource.apiVersion,
    request.resource.resource,
    generateName !== undefined,
    labels && Object.keys(labels),
    annotations && Object.keys(annotations),
    ownerReferences,
    finalizers,
  ]);
}

/** What another version makes of the object counts: a HorizontalPodAutoscaler in v1 gets its target from v2's defaults. */
function asServed({ conversion, custom }: ServedResource, draft: Draft): Draft {
  return conversion && !custom ? conversion.fromHub(conversion.toHub(structuredClone(draft))) : draft;
}

/** The same for an object that is no resource of its own but what a subresource takes: a TokenRequest, ... */
export function trackUpdateOf(
  server: ServerContext,
  request: ApiRequest,
  type: Pick<ManagedType, 'apiVersion' | 'kind' | 'schema'>,
  next: Draft,
): void {
  const empty = zeroValue(type.schema);
  const managedFields = trackFields(
    { ...type, empty, resetFields: [], subresource: request.subresource },
    { next, manager: managerOf(request), now: now(server) },
  );
  if (managedFields) next.metadata.managedFields = managedFields;
}

/**
 * Server-side apply of the request's body to the stored object (in the version of the request; none yet: undefined).
 * @throws StatusError 409 for conflicts, 400 and 500 for configurations that do not fit
 */
export function applyConfiguration(
  server: ServerContext,
  request: ApiRequest,
  live: KubernetesObject | undefined,
): ApplyResult {
  return apply(managedType(server, request.resource, request.subresource), {
    ...(live ? { live } : {}),
    config: request.body as Record<string, unknown>,
    manager: request.options.fieldManager ?? '',
    force: request.options.force ?? false,
    now: now(server),
  });
}

export const now = (server: ServerContext): string => formatTime(server.simulation.clock.now());

const managedTypes = new WeakMap<ServedResource, Map<string, ManagedType>>();

export function managedType(server: ServerContext, resource: ServedResource, subresource: string): ManagedType {
  let types = managedTypes.get(resource);
  if (!types) {
    types = new Map();
    managedTypes.set(resource, types);
  }
  let type = types.get(subresource);
  if (!type) {
    type = describeType(server, resource, subresource);
    types.set(subresource, type);
  }
  return type;
}

function describeType(server: ServerContext, resource: ServedResource, subresource: string): ManagedType {
  const { apiVersion, kind, schema, kindDefinition, custom } = resource;
  const strategy = subresource === '' ? kindDefinition.update : kindDefinition.subresources[subresource];
  return {
    apiVersion,
    kind,
    schema,
    empty: custom ? { apiVersion, kind } : zeroValue(schema),
    resetFields: strategy?.resetFields ?? [],
    ...(subresource === '' ? {} : { subresource }),
    convert: (object, version) => convert(server, resource, { object: object as unknown as KubernetesObject, version }),
    schemaMayChange: custom,
  };
}

/** Entries may be written in terms of other versions of the same kind. */
function convert(
  server: ServerContext,
  resource: ServedResource,
  { object, version }: { object: KubernetesObject; version: string },
): { object: Record<string, unknown>; schema: ServedResource['schema'] } | undefined {
  const from = findVersion(server, resource, object.apiVersion);
  const to = findVersion(server, resource, version);
  if (!from || !to) return undefined;
  if (from === to) return { object, schema: to.schema };
  // Versions of a custom resource differ in name only; whether the object fits the other schema is seen later.
  if (resource.custom) return { object: { ...object, apiVersion: version }, schema: to.schema };
  const draft = decode(from.schema, object).value;
  const hub = from.conversion ? from.conversion.toHub(draft) : draft;
  const converted = to.conversion ? to.conversion.fromHub(hub) : hub;
  return { object: { ...converted, apiVersion: version }, schema: to.schema };
}

function findVersion(server: ServerContext, resource: ServedResource, apiVersion: string): ServedResource | undefined {
  if (apiVersion === resource.apiVersion) return resource;
  const { group, version } = parseApiVersion(apiVersion);
  const found = server.resources.tryFind(group, version, resource.resource);
  return found?.collection === resource.collection ? found : undefined;
}
