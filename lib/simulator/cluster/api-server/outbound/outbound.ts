/**
 * The API server's way out: to webhooks behind Services of the cluster, which answer at once, and to those behind URLs, for
 * which the door has to wait.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook
 */
import { createHash } from 'node:crypto';
import type { HttpRequest } from '../../network/http-message';
import type { NetworkResult } from '../../network/network';
import type { Store } from '../../store';
import { type CallOutcome, type OutboundCalls, PendingCall } from './outbound-calls';
import type { TapedRandom } from './taped-random';

/** The cluster's network, as far as the API server uses it. */
export interface ServiceNetwork {
  request(request: Omit<HttpRequest, 'path'> & { readonly to: string }): NetworkResult;
}

/** `clientConfig` of a webhook. */
export interface WebhookClient {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    readonly port?: number;
  };
  /** Base64 of PEM. */
  readonly caBundle?: string;
}

/**
 * Fields that say when: they differ each time a request is handled, and ask nothing new. What is converted is stored already,
 * or as the client sent it: there only the server's own marks differ.
 */
const WHEN = /(Time|Timestamp|managedFields)$/;
const OWN_MARKS = /^(creationTimestamp|deletionTimestamp|managedFields)$/;
const INSIDE = 'a request from inside the simulation cannot wait for a server outside of it';

export class Outbound {
  /** Undefined while no kubelets run: Services lead nowhere. */
  network?: ServiceNetwork;
  private current: OutboundCalls | undefined;

  constructor(
    private readonly store: Store,
    private readonly random: TapedRandom,
  ) {}

  /** Runs `work`, which may ask servers outside. @throws PendingCall when it needs an answer that is not there yet */
  during<T>(calls: OutboundCalls, work: () => T): T {
    const before = this.current;
    this.current = calls;
    try {
      return this.random.replay(calls.draws, work);
    } finally {
      this.current = before;
    }
  }

  /**
   * Posts a review and parses the answer.
   * @param review its `request.uid` is filled in here
   * @throws CallError in the words of Go's client; PendingCall
   */
  post(client: WebhookClient, timeoutSeconds: number, review: { kind: string; request: object }): Answer {
    const ignored = review.kind === 'ConversionReview' ? OWN_MARKS : WHEN;
    const question = JSON.stringify([client.url, client.service, review], (key, value) =>
      ignored.test(key) ? undefined : value,
    );
    const uid = uidOf(question);
    const body = JSON.stringify({ ...review, request: { uid, ...review.request } });
    const url = `${addressOf(client)}?timeout=${timeoutSeconds}s`;
    const outcome = client.service
      ? this.askService(client.service, url, body)
      : this.askOutside(client, { url, body, timeoutSeconds, question });
    if ('error' in outcome) throw new CallError(`Post "${url}": ${outcome.error}`);
    return { uid, document: parseAnswer(outcome) };
  }

  private askService(service: NonNullable<WebhookClient['service']>, url: string, body: string): CallOutcome {
    const { namespace, name } = service;
    if (!this.store.get('services', namespace, name)) return { error: `service "${name}" not found` };
    const nobody = { error: `no endpoints available for service "${name}"` };
    if (!this.network) return nobody;
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const { response, failure } = this.network.request({ to: url, method: 'POST', headers, body });
    if (response) return response;
    return failure!.reason === 'NoEndpoints' ? nobody : { error: failure!.message };
  }

  private askOutside(
    { caBundle }: WebhookClient,
    call: { url: string; body: string; timeoutSeconds: number; question: string },
  ): CallOutcome {
    if (!this.current) return { error: INSIDE };
    const known = this.current.answers.get(call.question);
    if (known) return known;
    const ca = caBundle ? { caBundle: Buffer.from(caBundle, 'base64').toString() } : {};
    throw new PendingCall({ ...call, ...ca });
  }
}

export interface Answer {
  readonly uid: string;
  readonly document: any;
}

/** Nobody answered, or nobody could understand the answer. */
export class CallError extends Error {
  override readonly name = 'CallError';
}

const addressOf = ({ url, service }: WebhookClient): string => {
  if (!service) return url!;
  const { namespace, name, path = '/', port = 443 } = service;
  return `https://${name}.${namespace}.svc:${port}${path}`;
};

/** The same question has the same identity, so that its answer fits whenever it is asked again. */
function uidOf(question: string): string {
  const hex = createHash('sha256').update(question).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function parseAnswer(outcome: { readonly status: number; readonly body: string }): unknown {
  const { status, body } = outcome;
  const document = tryParse(body);
  if (status < 400) {
    if (document !== undefined && document !== null && typeof document === 'object') return document;
    const why = `invalid character '${body.trim()[0] ?? ' '}' looking for beginning of value`;
    throw new CallError(`couldn't get version/kind; json parse error: ${why}`);
  }
  if (document?.kind === 'Status' && document.message) throw new CallError(document.message);
  if (status === 404) throw new CallError('the server could not find the requested resource');
  if (status === 401) throw new CallError('the server has asked for the client to provide credentials');
  if (status === 405) throw new CallError('the server does not allow this method on the requested resource');
  if (status < 500) throw new CallError('the server rejected our request for an unknown reason');
  const text = body.trim() === '' ? 'unknown' : body.trim();
  throw new CallError(`an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`);
}

function tryParse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
