/**
 * OpenAPI, made from the same schema table that decodes and merges: an index of documents, and one document per group
 * version with its paths and types.
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
 *
 * kubectl needs the PATCH operation with its media types and `fieldValidation` (apply), and every operation's kind and
 * action (explain). Left out: descriptions.
 */
import type { OpenApiSchema } from '../../../kubernetes/schema/data';
import { schemas } from '../../../kubernetes/schema/schemas.generated';
import { StatusError } from '../../../kubernetes/status-error';
import type { ResourceRegistry, ServedResource, ServedVersion } from '../api-server/resources';
import { type HttpRequest, type TextAnswer, textAnswer } from './door';
import { notAcceptable, parseAccept } from './negotiation';
import { pathsOf, typeNameOf } from './openapi-paths';
import { makeV2Document } from './openapi-v2';
import { encodeV2Document } from './openapi-v2-protobuf';

const DOCUMENTS_WITHOUT_TYPES = ['.well-known/openid-configuration', 'api', 'apis', 'openid/v1/jwks', 'version'];

const V2_PROTOBUF_ACCEPT = 'com.github.proto-openapi.spec.v2';
const V2_PROTOBUF_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

export function answerOpenApi(resources: ResourceRegistry, request: HttpRequest): TextAnswer {
  const path = request.path.replace(/\/$/, '');
  if (path === '/openapi/v2') return answerV2(resources, request);
  if (path === '/openapi/v3') {
    return textAnswer(200, 'text/plain; charset=utf-8', JSON.stringify(indexOf(resources)));
  }
  const name = path.slice('/openapi/v3/'.length);
  const served = path.startsWith('/openapi/v3/') ? tryFindDocument(resources, name) : undefined;
  if (!served) return { status: 404, headers: {}, body: '' };
  if (request.method !== 'GET') throw new StatusError(405, 'MethodNotAllowed', 'method not allowed');
  return answerV3(resources, name, served, request);
}

/** Whoever names the version of a document that is current may keep it for ever; an older name leads to the current one. */
function answerV3(resources: ResourceRegistry, name: string, served: Document, request: HttpRequest): TextAnswer {
  const hash = documentHash(name, served);
  const asked = request.query.get('hash');
  if (asked && asked !== hash) {
    return { status: 301, headers: { location: `/openapi/v3/${name}?hash=${hash}` }, body: '' };
  }
  const headers = {
    vary: 'Accept',
    etag: `"${hash}"`,
    ...(asked ? { 'cache-control': 'public, immutable' } : {}),
  };
  if (isKnown(request, headers.etag)) return { status: 304, headers, body: '' };
  return textAnswer(200, 'application/json', documentText(resources, name, served), headers);
}

function answerV2(resources: ResourceRegistry, request: HttpRequest): TextAnswer {
  if (request.method !== 'GET') throw new StatusError(405, 'MethodNotAllowed', 'method not allowed');
  const isProtobuf = request.headers.accept?.includes(V2_PROTOBUF_ACCEPT) === true;
  if (!isProtobuf && !acceptsJson(request.headers.accept)) throw notAcceptable('only application/json is served');
  const { json, etag, protobuf } = v2Of(resources);
  const headers = { vary: 'Accept', etag };
  if (isKnown(request, etag)) return { status: 304, headers, body: '' };
  if (!isProtobuf) return textAnswer(200, 'application/json', json, headers);
  return { ...textAnswer(200, V2_PROTOBUF_TYPE, '', headers), bytes: protobuf() };
}

/** The client has this version already. */
const isKnown = ({ headers }: HttpRequest, etag: string): boolean =>
  headers['if-none-match']?.split(',').some((each) => each.trim() === etag || each.trim() === '*') === true;

interface V2Document {
  readonly revision: number;
  readonly json: string;
  readonly etag: string;
  readonly protobuf: () => Buffer;
}

const v2Documents = new WeakMap<ResourceRegistry, V2Document>();

/** Made when somebody asks, and again when what is served has changed. */
function v2Of(resources: ResourceRegistry): V2Document {
  const known = v2Documents.get(resources);
  if (known?.revision === resources.revision) return known;
  const document = makeV2Document(resources);
  const json = JSON.stringify(document);
  let bytes: Buffer | undefined;
  const made: V2Document = {
    revision: resources.revision,
    json,
    etag: `"${hashOf(json)}"`,
    protobuf: () => {
      bytes ??= encodeV2Document(document);
      return bytes;
    },
  };
  v2Documents.set(resources, made);
  return made;
}

interface CachedDocument {
  /** What the document was made of. */
  readonly resources: readonly ServedResource[];
  readonly text: string;
}

/** By document name; a document is made anew only when one of its own resources changed. */
const caches = new WeakMap<ResourceRegistry, Map<string, CachedDocument>>();

function indexOf(resources: ResourceRegistry): object {
  const names = [...DOCUMENTS_WITHOUT_TYPES];
  for (const { group, versions } of resources.groups()) {
    if (group !== '') names.push(`apis/${group}`);
    for (const { version } of versions) names.push(documentName(group, version));
  }
  const paths = Object.fromEntries(
    names.sort().map((name) => {
      const hash = documentHash(name, tryFindDocument(resources, name)!);
      return [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }];
    }),
  );
  return { paths };
}

/** What a document depends on: it is made only when somebody asks for it. */
const identityOf = (name: string, { resources }: Document): string =>
  `v1.35.6 ${name} ${JSON.stringify(resources.map(({ openApiSchema }) => openApiSchema))}`;

const documentHash = (name: string, served: Document): string => hashOf(identityOf(name, served));

const documentName = (group: string, version: string): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`;

function documentText(registry: ResourceRegistry, name: string, served: Document): string {
  let cache = caches.get(registry);
  if (!cache) {
    cache = new Map();
    caches.set(registry, cache);
  }
  const known = cache.get(name);
  if (known && sameItems(known.resources, served.resources)) return known.text;
  const text = JSON.stringify(makeDocument(served));
  cache.set(name, { resources: served.resources, text });
  return text;
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i]);

interface Document extends ServedVersion {
  readonly group: string;
}

const EMPTY: Document = { group: '', version: '', resources: [] };

function tryFindDocument(registry: ResourceRegistry, name: string): Document | undefined {
  if (DOCUMENTS_WITHOUT_TYPES.includes(name)) return EMPTY;
  for (const { group, versions } of registry.groups()) {
    if (name === `apis/${group}`) return EMPTY;
    for (const served of versions) {
      if (documentName(group, served.version) === name) return { group, ...served };
    }
  }
  return undefined;
}

function makeDocument(document: Document): object {
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.35.6' },
    paths: pathsOf(document.resources),
    components: { schemas: document.resources.length > 0 ? typesOf(document) : {} },
  };
}

const PREFIX = '#/components/schemas/';

/** The types that a group version's paths mention, and all that these mention. */
function typesOf({ group, version, resources }: Document): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const visit = (name: string) => {
    if (Object.hasOwn(out, name)) return;
    const schema = schemas[name];
    if (!schema) return;
    // Types refer to themselves, so the name is taken before its content is made.
    out[name] = undefined;
    out[name] = expand(schema, { group, version }, visit);
  };
  for (const resource of resources) visitResource(resource, visit, out);
  for (const name of ['DeleteOptions', 'Status', 'WatchEvent', 'Patch', 'APIResourceList']) {
    visit(`io.k8s.apimachinery.pkg.apis.meta.v1.${name}`);
  }
  return out;
}

function visitResource(resource: ServedResource, visit: (name: string) => void, out: Record<string, unknown>): void {
  if (resource.openApiSchema) {
    out[typeNameOf(resource)] = resource.openApiSchema;
    visit('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
    return;
  }
  visit(typeNameOf(resource));
  visit(`${typeNameOf(resource)}List`);
  for (const { responseKind } of resource.subresources.values()) {
    if (responseKind.kind === 'Scale') visit('io.k8s.api.autoscaling.v1.Scale');
    if (responseKind.kind === 'Eviction') visit('io.k8s.api.policy.v1.Eviction');
    if (responseKind.kind === 'TokenRequest') visit('io.k8s.api.authentication.v1.TokenRequest');
    if (responseKind.kind === 'Binding') visit('io.k8s.api.core.v1.Binding');
  }
}

const acceptsJson = (accept = '*/*'): boolean =>
  parseAccept(accept).some(({ type }) => type === '*/*' || type === 'application/json');

/** Back from the table's compact form to OpenAPI's. */
function expand(
  schema: OpenApiSchema,
  owner: { group: string; version: string },
  visit: (name: string) => void,
): Record<string, unknown> {
  const { ref, properties, additionalProperties, items, oneOf, ...rest } = schema;
  const out: Record<string, unknown> = { ...rest };
  const kinds = rest['x-kubernetes-group-version-kind'];
  if (kinds === 'all') out['x-kubernetes-group-version-kind'] = [{ ...owner, kind: 'DeleteOptions' }];
  if (ref !== undefined) {
    visit(ref);
    const pointer = { $ref: `${PREFIX}${ref}` };
    if (Object.keys(rest).length === 0) return pointer;
    out.allOf = [pointer];
  }
  if (properties) {
    out.properties = Object.fromEntries(
      Object.entries(properties).map(([name, field]) => [name, expandField(field, owner, visit)]),
    );
  }
  if (additionalProperties) out.additionalProperties = expand(additionalProperties, owner, visit);
  if (items) out.items = expand(items, owner, visit);
  if (oneOf) out.oneOf = oneOf.map((each) => expand(each, owner, visit));
  return out;
}

/** The place of a field always carries something of its own (a description, elsewhere), so it wraps its type. */
function expandField(schema: OpenApiSchema, owner: { group: string; version: string }, visit: (name: string) => void) {
  const out = expand(schema, owner, visit);
  return '$ref' in out ? { allOf: [out] } : out;
}

/** 128 bits in capital hex, enough to tell documents apart; two FNV-1a runs over text and reversed text. */
function hashOf(text: string): string {
  let a = 0xcbf29ce4;
  let b = 0x84222325;
  let c = 0x811c9dc5;
  let d = 0x1234567;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x01000197);
    c = Math.imul(c ^ (code + i), 0x0100019d);
    d = Math.imul(d ^ (code * 31), 0x010001a5);
  }
  return [a, b, c, d].map((n) => (n >>> 0).toString(16).padStart(8, '0').toUpperCase().repeat(4)).join('');
}
