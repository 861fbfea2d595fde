/**
 * The few requests that the engine makes, with their retries, in terms of objects. A failure Status is thrown as a
 * StatusError.
 */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock';
import { apiVersionOf, type KubernetesObject, type Resource } from '../kubernetes/object';
import { isNotFound, type Status, StatusError } from '../kubernetes/status-error';
import { Discovery, pathOf } from './discovery';
import type { ObjectRef } from './object-ref';
import { withRetries } from './retry';
import type { ApiRequest, ApiResponse, Transport } from './transport';

export interface ApplyRequestOptions {
  readonly fieldManager: string;
  /** Take fields from their other owners. @default false */
  readonly force?: boolean;
  /** Go through everything and store nothing. @default false */
  readonly dryRun?: boolean;
}

export interface ListRequestOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Leave out everything but the metadata. @default false */
  readonly metadataOnly?: boolean;
}

const PAGE_SIZE = '500';
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

export class KubernetesApi {
  readonly discovery: Discovery;
  private readonly signal: AbortSignal | undefined;

  constructor(
    readonly transport: Transport,
    readonly clock: Clock,
    private readonly options: {
      readonly signal?: AbortSignal;
      /** Called with each Warning header. https://kubernetes.io/blog/2020/09/03/warnings/ */
      readonly onWarning?: (warning: string) => void;
    } = {},
  ) {
    // A signal of our own, because every request under way listens to it.
    this.signal = options.signal && AbortSignal.any([options.signal]);
    if (this.signal) setMaxListeners(0, this.signal);
    this.discovery = new Discovery((path, accept) => this.send({ method: 'GET', path, accept }));
  }

  async tryGet(resource: Resource, namespace: string | undefined, name: string): Promise<KubernetesObject | undefined> {
    try {
      const response = await this.send({ method: 'GET', path: pathOf(resource, namespace, name) });
      return response.body;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** All objects, page by page, and the revision of the list. Items get their kind, which lists leave out. */
  async list(
    resource: Resource,
    options: ListRequestOptions = {},
  ): Promise<{ readonly items: KubernetesObject[]; readonly resourceVersion: string }> {
    const path = pathOf(resource, options.namespace);
    const items: KubernetesObject[] = [];
    for (let page: string | undefined; ; ) {
      const { labelSelector, fieldSelector } = options;
      const query = { limit: PAGE_SIZE, continue: page, labelSelector, fieldSelector };
      const accept = options.metadataOnly ? METADATA_ONLY : 'application/json';
      const { body } = await this.send({ method: 'GET', path, query, accept });
      const { kind } = resource;
      const apiVersion = apiVersionOf(resource);
      for (const item of body.items ?? []) items.push({ ...item, apiVersion, kind });
      page = body.metadata.continue || undefined;
      if (!page) return { items, resourceVersion: body.metadata.resourceVersion };
    }
  }

  /** Server-side apply. https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
  async apply(resource: Resource, object: KubernetesObject, options: ApplyRequestOptions): Promise<KubernetesObject> {
    const { namespace, name } = object.metadata;
    const response = await this.send({
      method: 'PATCH',
      path: pathOf(resource, namespace, name),
      query: {
        fieldManager: options.fieldManager,
        fieldValidation: 'Strict',
        force: options.force ? 'true' : undefined,
        dryRun: options.dryRun ? 'All' : undefined,
      },
      contentType: 'application/apply-patch+yaml',
      body: object,
    });
    return response.body;
  }

  /** Deletes the object with this uid and no other. False when it was gone already. */
  async delete(
    resource: Resource,
    ref: ObjectRef,
    options: { readonly uid?: string; readonly propagationPolicy?: string } = {},
  ): Promise<boolean> {
    const { uid, propagationPolicy = 'Background' } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy,
      ...(uid ? { preconditions: { uid } } : {}),
    };
    try {
      await this.send({ method: 'DELETE', path: pathOf(resource, ref.namespace, ref.name), body });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** One request with its retries. */
  send(request: ApiRequest): Promise<ApiResponse> {
    const { signal } = this;
    // A write that is under way is not cut off: one would not know whether it was done.
    const interruptible = request.method === 'GET' || request.query?.dryRun !== undefined;
    const attempt = async () => {
      const response = await this.transport.request(request, interruptible ? signal : undefined);
      this.readWarnings(response);
      if (response.status >= 400) throw statusErrorOf(response, request);
      return response;
    };
    return withRetries(attempt, { clock: this.clock, ...(signal ? { signal } : {}) });
  }

  private readWarnings(response: ApiResponse): void {
    const header = response.headers.warning;
    if (!header || !this.options.onWarning) return;
    // 299 - "text with \"quotes\"", 299 - "another"
    for (const [, text] of header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)) {
      this.options.onWarning(text!.replace(/\\(.)/g, '$1'));
    }
  }
}

function statusErrorOf(response: ApiResponse, request: ApiRequest): StatusError {
  const { body, headers, status } = response;
  const retryAfter = headers['retry-after'] === undefined ? undefined : Number(headers['retry-after']);
  if (body?.kind === 'Status') {
    const { code = status, reason = '', message = '', details } = body as Status;
    const wait = details?.retryAfterSeconds ?? retryAfter;
    return new StatusError(code, reason, message, { ...details, ...(wait ? { retryAfterSeconds: wait } : {}) });
  }
  const text = typeof body === 'string' && body.trim() !== '' ? body.trim() : `HTTP ${status}`;
  const details = retryAfter ? { retryAfterSeconds: retryAfter } : undefined;
  return new StatusError(status, '', `${request.method} ${request.path}: ${text}`, details);
}
