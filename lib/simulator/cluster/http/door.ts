/**
 * The HTTP form of the API server, without sockets: from the parts of a request to the parts of an answer.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/
 *
 *   authenticate -> which resource? -> authorize -> negotiate -> read options and body -> ApiServer.handle -> write
 *
 * Everything here is synchronous. A watch answers with a {@link WatchAnswer}, which its listener keeps feeding; streams to
 * containers (exec, logs, ...) belong to `pod-streams.ts`.
 */
import type { UserInfo } from '../../../kubernetes/kinds';
import type { Status } from '../../../kubernetes/status-error';
import { badRequest, internalError, notFound, StatusError } from '../../../kubernetes/status-error';
import { type ApiServer, methodNotAllowed } from '../api-server/api-server';
import { ANONYMOUS, type Authenticator, authenticate, type Credentials } from '../api-server/auth/authenticator';
import { authorize } from '../api-server/auth/authorizer';
import { impersonate } from '../api-server/auth/impersonation';
import { type OutboundCall, type OutboundCalls, PendingCall } from '../api-server/outbound/outbound-calls';
import type { ServedResource } from '../api-server/resources';
import type { PodLog } from '../kubelet/pod-access';
import { BODY_LIMIT, tooLarge } from './body';
import { connectOptions } from './connect-options';
import { answerFixedPath } from './fixed-paths';
import { METRICS_TYPE, metricsText, RequestCounter } from './metrics';
import { type AcceptedForm, JSON_FORM, negotiate, parseAccept } from './negotiation';
import { answerPodRequest, STREAMS, type StreamRequest, streamRequest } from './pod-requests';
import { encode } from './render';
import { type ResourceInfo, resourceInfo } from './request-info';
import { answerResource, warningHeaders } from './resource-requests';
import type { WatchAnswer } from './watch-answer';

export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly certificate?: Credentials['certificate'];
  /**
   * What this request has learned from webhooks outside so far: whoever gives it is ready to make more calls for it.
   * @default a webhook outside counts as unreachable
   */
  readonly calls?: OutboundCalls;
}

export interface TextAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  /** In place of the body, when it is no text. */
  readonly bytes?: Uint8Array;
}

export type SettledAnswer =
  | TextAnswer
  | { readonly watch: WatchAnswer; readonly warnings: readonly string[] }
  /** A log that is followed: its text, then what is written. */
  | { readonly log: PodLog };

/** Or a webhook has to be called; then the request is to be made again, with the answer. Nothing has happened yet. */
export type PendingAnswer = { readonly pending: OutboundCall };
export type HttpAnswer = SettledAnswer | PendingAnswer;

/** What the door needs to know besides the API server. */
export interface DoorOptions {
  /** Besides those of the API server. @default none */
  readonly authenticators?: readonly Authenticator[];
  /** `127.0.0.1:6443`, as discovery tells it. */
  readonly serverAddress: string;
}

export class Door {
  private readonly requests = new RequestCounter();

  constructor(
    readonly server: ApiServer,
    private readonly options: DoorOptions,
  ) {}

  answer(request: HttpRequest & { readonly calls: OutboundCalls }): HttpAnswer;
  answer(request: HttpRequest): SettledAnswer;
  answer(request: HttpRequest): HttpAnswer {
    const answer = this.tryAnswer(request);
    if (!('pending' in answer)) {
      const info = resourceInfo(request.method, request.path, request.query);
      this.requests.count(request.method, info, 'status' in answer ? answer.status : 200);
    }
    return answer;
  }

  private tryAnswer(request: HttpRequest): HttpAnswer {
    try {
      if (request.body.length > BODY_LIMIT) throw tooLarge();
      const work = () => this.route(request, this.authenticate(request));
      return request.calls ? this.server.outbound.during(request.calls, work) : work();
    } catch (error) {
      if (error instanceof PendingCall) return { pending: error.call };
      return errorAnswer(error, request);
    }
  }

  /**
   * What a connection that asks to be upgraded wants; the answer that refuses it; or undefined: it is a request like any
   * other, whose wish is ignored.
   */
  upgrade(
    request: HttpRequest & { readonly calls: OutboundCalls },
  ): StreamRequest | TextAnswer | PendingAnswer | undefined {
    try {
      const info = resourceInfo(request.method, request.path, request.query);
      if (info?.resource !== 'pods' || info.group !== '' || !STREAMS.has(info.subresource)) return undefined;
      return this.server.outbound.during(request.calls, () => this.connect(request, info));
    } catch (error) {
      if (error instanceof PendingCall) return { pending: error.call };
      return errorAnswer(error, request);
    }
  }

  private connect(request: HttpRequest, info: ResourceInfo): StreamRequest {
    const user = this.authenticate(request);
    // An upgrade starts with GET, but it is the verb create that is needed.
    this.authorize(request, { ...info, verb: 'create' }, user);
    this.admitConnect(request, info, user);
    return streamRequest(this.server, info, request.query);
  }

  /** Connections to pods are admitted before anybody looks whether the pod is there. */
  private admitConnect({ query }: HttpRequest, info: ResourceInfo, user: UserInfo): void {
    const options = info.resource === 'pods' && info.group === '' ? connectOptions(info, query) : undefined;
    if (!options) return;
    const { subresource, namespace, name } = info;
    const resource = this.server.resources.findByName('pods');
    this.server.admitConnect({ resource, subresource, namespace, name, user }, options);
  }

  /**
   * Who asks, or whom they act as.
   * @throws StatusError 401; 403 when they may not act as that user
   */
  authenticate(request: HttpRequest): UserInfo {
    return impersonate(this.server.authorizer, this.credentialsOf(request), request.headers);
  }

  private credentialsOf({ headers, certificate }: HttpRequest): UserInfo {
    const [, token] = /^bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
    if (token === undefined && !certificate) return ANONYMOUS;
    return authenticate([...this.server.authenticators, ...(this.options.authenticators ?? [])], {
      ...(token === undefined ? {} : { token: token.trim() }),
      ...(certificate ? { certificate } : {}),
    });
  }

  private route(request: HttpRequest, user: UserInfo): SettledAnswer {
    const info = resourceInfo(request.method, request.path, request.query);
    this.authorize(request, info, user);
    if (!info && request.path === '/metrics') {
      return textAnswer(200, METRICS_TYPE, metricsText(this.server, this.requests));
    }
    if (!info) return answerFixedPath(this.server, request, this.options.serverAddress);
    const resource = this.server.resources.tryFind(info.group, info.version, info.resource);
    if (!resource) throw this.unknownResource(info);
    checkMethod(resource, info);
    this.admitConnect(request, info, user);
    const passedOn = info.subresource === '' ? undefined : answerPodRequest(this.server, request, info);
    if (passedOn) return passedOn;
    return answerResource(this.server, request, { info, resource, user });
  }

  private authorize(request: HttpRequest, info: ResourceInfo | undefined, user: UserInfo): void {
    const attributes = info
      ? { user, verb: info.verb, resource: { ...info, ...fieldSelectorOf(request) } }
      : { user, verb: request.method.toLowerCase(), path: request.path };
    authorize(this.server.authorizer, attributes);
  }

  private unknownResource({ group, version }: ResourceInfo): Error {
    // Groups of custom resources exist only where one is served.
    const { resources } = this.server;
    if (!resources.hasVersion(group, version) || resources.isCustomGroup(group)) return new NoSuchPath();
    return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  }
}

function fieldSelectorOf({ query }: HttpRequest): { fieldSelector?: string } {
  const fieldSelector = query.get('fieldSelector');
  return fieldSelector ? { fieldSelector } : {};
}

/** A path that no handler owns: the plain text of Go's HTTP server. */
export class NoSuchPath extends Error {
  override readonly name = 'NoSuchPath';
}

const VERB_OF_METHOD: Readonly<Record<string, string>> = {
  get: 'get',
  create: 'create',
  update: 'update',
  patch: 'patch',
  delete: 'delete',
};

function checkMethod(resource: ServedResource, info: ResourceInfo): void {
  if (info.subresource !== '') {
    const subresource = resource.subresources.get(info.subresource);
    if (!subresource && resource.custom) throw notFound(resource, info.name);
    if (!subresource) {
      throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
    }
    const verb = VERB_OF_METHOD[info.verb];
    if (!verb || !subresource.verbs.includes(verb)) throw methodNotAllowed();
    return;
  }
  if (!resource.verbs.has(info.verb)) throw methodNotAllowed();
  if (info.verb === 'create' && info.name !== '') throw methodNotAllowed();
  if ((info.verb === 'update' || info.verb === 'patch') && info.name === '') throw methodNotAllowed();
  const needsNamespace = info.verb === 'create' || info.verb === 'deletecollection' || info.name !== '';
  if (resource.namespaced && info.namespace === '' && needsNamespace) throw methodNotAllowed();
  if (!resource.namespaced && info.namespace !== '' && resource.resource !== 'namespaces') {
    throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  }
}

export function textAnswer(
  status: number,
  contentType: string,
  body: string,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): TextAnswer {
  return { status, headers: { 'content-type': contentType, ...headers }, body };
}

export function contentTypeOf(form: AcceptedForm): string {
  return form.encoding === 'yaml' ? 'application/yaml' : 'application/json';
}

function errorAnswer(error: unknown, request: HttpRequest): TextAnswer {
  if (error instanceof NoSuchPath) {
    return textAnswer(404, 'text/plain; charset=utf-8', '404 page not found\n', {
      'x-content-type-options': 'nosniff',
    });
  }
  const known = error instanceof StatusError ? error : unexpectedError(error);
  const form = errorForm(request.headers.accept);
  const retryAfter = known.details?.retryAfterSeconds;
  return textAnswer(known.code, contentTypeOf(form), encode(known.toStatus() as Status, form), {
    ...known.headers,
    ...warningHeaders(known.warnings ?? []),
    ...(retryAfter ? { 'retry-after': String(retryAfter) } : {}),
  });
}

/** A bug of ours, or a value nested deeper than the stack: an answer all the same, and a server that goes on. */
function unexpectedError(error: unknown): StatusError {
  if (error instanceof RangeError) return badRequest('the request is nested too deeply');
  return internalError(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

function errorForm(accept: string | undefined): AcceptedForm {
  try {
    const { encoding, pretty } = negotiate(accept, { collection: false });
    return { encoding, version: 'v1', pretty };
  } catch {
    return parseAccept(accept ?? '').some(({ type }) => type === 'application/yaml')
      ? { ...JSON_FORM, encoding: 'yaml' }
      : JSON_FORM;
  }
}
