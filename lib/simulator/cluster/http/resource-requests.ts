/** Requests to resources: from query, headers and body to an ApiRequest, and back from its answer. */
import type { UserInfo } from '../../../kubernetes/kinds';
import { apiVersionOf } from '../../../kubernetes/object';
import { DecodeError, decode } from '../../../kubernetes/schema/decode';
import { schemaOfType } from '../../../kubernetes/schema/schema';
import { badRequest, StatusError } from '../../../kubernetes/status-error';
import type { ApiServer } from '../api-server/api-server';
import { deleteWarnings } from '../api-server/delete';
import type { ApiRequest, ApiResponse } from '../api-server/request';
import type { ServedResource } from '../api-server/resources';
import type { PatchType } from '../client';
import { BodyError, readObjectBody, readPlainBody } from './body';
import { deprecationWarning } from './deprecations';
import { contentTypeOf, type HttpRequest, type SettledAnswer, textAnswer } from './door';
import { mediaTypeOf, negotiate, unsupportedMediaType } from './negotiation';
import { readPatchBody } from './patch-body';
import { checkDeleteOptions, deleteQuery, listOptions, versionError, writeOptions } from './query-options';
import { render } from './render';
import type { ResourceInfo } from './request-info';
import { WatchAnswer } from './watch-answer';

export interface Route {
  readonly info: ResourceInfo;
  readonly resource: ServedResource;
  readonly user: UserInfo;
}

export function answerResource(server: ApiServer, request: HttpRequest, route: Route): SettledAnswer {
  const { info, resource } = route;
  const isCollection = info.verb === 'list' || info.verb === 'watch' || info.verb === 'deletecollection';
  const form = negotiate(request.headers.accept, { collection: isCollection });
  const context = {
    resource,
    form,
    subresource: info.subresource,
    ...(request.query.has('includeObject') ? { includeObject: request.query.get('includeObject')! } : {}),
  };
  if (info.verb === 'watch') {
    const watch = openWatch(server, request, route);
    return { watch: new WatchAnswer(watch.watch, context, watch.options), warnings: deprecationWarning(resource) };
  }
  // Warnings come with failures, too.
  const heard = [...deprecationWarning(resource)];
  let response: ApiResponse;
  try {
    const apiCall = apiRequest(server, request, route);
    heard.push(...deleteWarnings(apiCall));
    response = server.handle({ ...apiCall, onWarning: (text) => heard.push(text) });
  } catch (error) {
    if (error instanceof StatusError) error.warnings = heard;
    throw error;
  }
  const body = render(response, { ...context, now: server.simulation.clock.now() });
  const warnings = [...heard, ...response.warnings];
  return textAnswer(response.code, contentTypeOf(form), body, warningHeaders(warnings));
}

export function warningHeaders(warnings: readonly string[]): Record<string, readonly string[]> {
  const texts = [...new Set(warnings)];
  return texts.length > 0 ? { warning: texts.map((text) => `299 - ${quoted(text)}`) } : {};
}

/** A quoted-string of HTTP; control characters do not belong into headers. */
function quoted(text: string): string {
  const printable = [...text].map((c) => (c < ' ' || c === '\u007f' ? ' ' : c)).join('');
  return `"${printable.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function apiRequest(server: ApiServer, request: HttpRequest, { info, resource, user }: Route): ApiRequest {
  const base = {
    resource,
    subresource: info.subresource,
    namespace: resource.namespaced ? info.namespace : '',
    name: info.name,
    user,
    userAgent: request.headers['user-agent'] ?? '',
  };
  const { query } = request;
  switch (info.verb) {
    case 'get':
      return { ...base, verb: 'get', options: getOptions(server, query) };
    case 'list':
      return { ...base, verb: 'list', options: checkedListOptions(server, query) };
    case 'create':
    case 'update': {
      const options = writeOptions(info.verb === 'create' ? 'CreateOptions' : 'UpdateOptions', query);
      const expected = bodyKind(resource, info.subresource);
      const { value, duplicates } = readObjectBody(request.headers['content-type'], request.body, expected);
      return { ...base, verb: info.verb, options, body: value, duplicateFields: duplicates };
    }
    case 'patch':
      return patchRequest(request, base);
    case 'delete':
    case 'deletecollection':
      return deleteRequest(server, request, base, info.verb);
    default:
      throw badRequest(`unknown verb ${info.verb}`);
  }
}

type Base = Omit<ApiRequest, 'verb' | 'options'>;

/** Subresources that take something else than the object itself. */
function bodyKind(resource: ServedResource, subresource: string): { group: string; version: string; kind: string } {
  const found = resource.subresources.get(subresource)?.responseKind;
  switch (found?.kind) {
    case 'Scale':
      return { group: 'autoscaling', version: 'v1', kind: 'Scale' };
    case 'Eviction':
      return { group: 'policy', version: 'v1', kind: 'Eviction' };
    case 'TokenRequest':
      return { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };
    case 'Binding':
      return { group: '', version: 'v1', kind: 'Binding' };
    default:
      return resource;
  }
}

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

const CUSTOM_PATCH_TYPES = Object.keys(PATCH_TYPES).filter((each) => PATCH_TYPES[each] !== 'strategic');

/** Built-in resources are guarded by a library with words of its own. */
const UNSUPPORTED_PATCH = '415: Unsupported Media Type';

function patchRequest(request: HttpRequest, base: Base): ApiRequest {
  const type = PATCH_TYPES[mediaTypeOf(request.headers['content-type'])];
  if (!type && !base.resource.custom) throw new StatusError(415, 'UnsupportedMediaType', UNSUPPORTED_PATCH, {});
  if (!type || (type === 'strategic' && base.resource.custom)) throw unsupportedMediaType(CUSTOM_PATCH_TYPES);
  const options = writeOptions('PatchOptions', request.query, type);
  const { value, duplicates } = readPatchBody(type, request.body);
  return { ...base, verb: 'patch', options, patchType: type, body: value, duplicateFields: duplicates };
}

const DELETE_OPTIONS = { group: 'meta.k8s.io', version: 'v1', kind: 'DeleteOptions' };

function deleteRequest(
  server: ApiServer,
  request: HttpRequest,
  base: Base,
  verb: 'delete' | 'deletecollection',
): ApiRequest {
  const raw = request.body.length > 0 ? readDeleteBody(request, base.resource) : deleteQuery(request.query);
  const { options, dryRun } = checkDeleteOptions(raw);
  const selection = verb === 'deletecollection' ? checkedListOptions(server, request.query) : {};
  return { ...base, verb, options: { ...selection, ...(dryRun ? { dryRun } : {}) }, deleteOptions: options };
}

function readDeleteBody(request: HttpRequest, resource: ServedResource): Record<string, any> {
  try {
    const { value } = readPlainBody(request.headers['content-type'], request.body, DELETE_OPTIONS);
    const object = (value ?? {}) as Record<string, any>;
    checkDeleteKind(object, resource);
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
    return decode(schemaOfType('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'), rest).value;
  } catch (error) {
    if (error instanceof BodyError || error instanceof DecodeError) throw badRequest(error.message);
    throw error;
  }
}

function checkDeleteKind({ kind = '', apiVersion = '' }: Record<string, any>, resource: ServedResource): void {
  if (kind === '' || kind === 'DeleteOptions') return;
  const version = apiVersion || apiVersionOf(resource);
  throw badRequest(
    `no kind "${kind}" is registered for version "${version}" in scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"`,
  );
}

function checkedListOptions(server: ApiServer, query: URLSearchParams): ApiRequest['options'] {
  const options = listOptions(query, false);
  if (options.resourceVersion) checkNotInFuture(server, options.resourceVersion);
  return options;
}

function getOptions(server: ApiServer, query: URLSearchParams): ApiRequest['options'] {
  const resourceVersion = query.get('resourceVersion');
  if (!resourceVersion) return {};
  if (!/^\d+$/.test(resourceVersion)) throw new StatusError(500, '', versionError(resourceVersion));
  checkNotInFuture(server, resourceVersion);
  return { resourceVersion };
}

/** The real server waits a moment for it; here nothing that is under way could bring it. */
function checkNotInFuture(server: ApiServer, version: string): void {
  const current = server.store.revision;
  if (Number(version) <= current) return;
  throw new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${version}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

function openWatch(server: ApiServer, { query }: HttpRequest, { info, resource }: Route) {
  const options = listOptions(query, true);
  const { resourceVersion } = options;
  if (resourceVersion && !/^\d+$/.test(resourceVersion)) throw new StatusError(500, '', versionError(resourceVersion));
  // The old path form may name one object.
  const fieldSelector = info.name === '' ? options.fieldSelector : `metadata.name=${info.name}`;
  const watch = server.watch({
    resource,
    namespace: resource.namespaced ? info.namespace : '',
    ...options,
    ...(fieldSelector ? { fieldSelector } : {}),
  });
  const { timeoutSeconds, allowWatchBookmarks } = options;
  return {
    watch,
    options: {
      allowWatchBookmarks,
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      now: () => server.simulation.clock.now(),
    },
  };
}
