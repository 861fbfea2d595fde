/**
 * Lets the apply engine talk to a simulated cluster in the same process: the requests that it would send over HTTPS, into
 * the same API server, without sockets. Virtual time passes only in {@link drive}.
 */
import { type ApiRequest, type ApiResponse, type Transport, TransportError, type WatchEvent } from '../apply/index';
import { StatusError } from '../kubernetes/status-error';
import type * as server from '../simulator/cluster/api-server/request';
import type { ServedResource } from '../simulator/cluster/api-server/resources';
import { fromStored } from '../simulator/cluster/api-server/server-context';
import type { PatchType } from '../simulator/cluster/client';
import type { Cluster } from '../simulator/cluster/cluster';
import type { Simulation } from '../simulator/simulation';

const USER = { name: 'drydock', groups: ['system:masters', 'system:authenticated'] };
const USER_AGENT = 'drydock';

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/apply-patch+yaml': 'apply',
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

export function inProcessTransport(cluster: Cluster): Transport {
  return {
    request: async (request) => answer(cluster, request),
    watch: ({ path, query }, signal) => watch(cluster, path, query ?? {}, signal),
    close: () => {},
  };
}

interface Target {
  readonly resource: ServedResource;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

function answer(cluster: Cluster, request: ApiRequest): ApiResponse {
  if (request.path === '/api' || request.path === '/apis')
    return { status: 200, headers: {}, body: discovery(cluster, request.path) };
  try {
    const response = handle(cluster, requestOf(cluster, request));
    const warnings = response.warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ');
    const headers = warnings === '' ? {} : { warning: warnings };
    return { status: response.code, headers, body: structuredClone(bodyOf(response, targetOf(cluster, request.path))) };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { status: error.code, headers: error.headers ?? {}, body: error.toStatus() };
  }
}

/** An apply creates what is not there. Until the API server does that itself, we ask for it in so many words. */
function handle(cluster: Cluster, request: server.ApiRequest): server.ApiResponse {
  try {
    return cluster.api.handle(request);
  } catch (error) {
    const missing = error instanceof StatusError && error.reason === 'NotFound' && request.patchType === 'apply';
    if (!missing || error.details?.name !== request.name) throw error;
    return cluster.api.handle({ ...request, verb: 'create', name: '', patchType: undefined });
  }
}

function requestOf(cluster: Cluster, { method, path, query = {}, body, contentType }: ApiRequest): server.ApiRequest {
  const target = targetOf(cluster, path);
  const patchType = PATCH_TYPES[contentType ?? ''];
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  return {
    ...target,
    verb: verbOf(method, target.name),
    user: USER,
    userAgent: USER_AGENT,
    options: {
      dryRun: query.dryRun === 'All',
      fieldManager: query.fieldManager,
      fieldValidation: query.fieldValidation as 'Strict' | undefined,
      force: query.force === 'true',
      labelSelector: query.labelSelector,
      fieldSelector: query.fieldSelector,
      limit: number(query.limit),
      continue: query.continue,
    },
    ...(method === 'DELETE' ? { deleteOptions: body as server.DeleteRequestOptions } : { body: structuredClone(body) }),
    ...(patchType ? { patchType } : {}),
  };
}

function verbOf(method: ApiRequest['method'], name: string): server.ApiRequest['verb'] {
  if (method === 'GET') return name === '' ? 'list' : 'get';
  if (method === 'DELETE') return name === '' ? 'deletecollection' : 'delete';
  return method === 'POST' ? 'create' : method === 'PUT' ? 'update' : 'patch';
}

/** `/apis/apps/v1/namespaces/shop/deployments/web/scale`, `/api/v1/namespaces/shop`, `/api/v1/nodes` */
function targetOf(cluster: Cluster, path: string): Target {
  const [root, ...rest] = path.slice(1).split('/').map(decodeURIComponent);
  const group = root === 'api' ? '' : rest.shift()!;
  const version = rest.shift()!;
  const scoped = rest[0] === 'namespaces' && rest.length > 2;
  const namespace = scoped ? rest[1]! : '';
  const [plural = '', name = '', subresource = ''] = scoped ? rest.slice(2) : rest;
  const resource = cluster.api.resources.tryFind(group, version, plural);
  if (!resource) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource');
  return { resource, namespace, name, subresource };
}

function bodyOf(response: server.ApiResponse, { resource }: Target): unknown {
  if ('object' in response) return response.object;
  if ('status' in response) return response.status;
  const { items, resourceVersion, continue: next, remainingItemCount } = response.list;
  const metadata = { resourceVersion, continue: next, remainingItemCount };
  return { apiVersion: resource.apiVersion, kind: `${resource.kind}List`, metadata, items };
}

/** Aggregated discovery, as far as the engine reads it. */
function discovery(cluster: Cluster, path: string): unknown {
  const groups = cluster.api.resources.groups().filter(({ group }) => (group === '') === (path === '/api'));
  return {
    apiVersion: 'apidiscovery.k8s.io/v2',
    kind: 'APIGroupDiscoveryList',
    items: groups.map(({ group, versions }) => ({
      metadata: { name: group },
      versions: versions.map(({ version, resources }) => ({
        version,
        resources: resources.map((resource) => ({
          resource: resource.resource,
          responseKind: { group, version, kind: resource.kind },
          scope: resource.namespaced ? 'Namespaced' : 'Cluster',
        })),
      })),
    })),
  };
}

async function* watch(
  cluster: Cluster,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): AsyncIterable<WatchEvent> {
  const { resource, namespace } = targetOf(cluster, path);
  let revision = Number(query.resourceVersion);
  let wake = () => {};
  const unsubscribe = cluster.store.onChange(resource.collection, () => wake());
  signal.addEventListener('abort', () => wake());
  try {
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const events = cluster.store.eventsAfter(resource.collection, revision);
      if (!events) throw new StatusError(410, 'Expired', `too old resource version: ${revision}`);
      for (const event of events) {
        revision = event.revision;
        if (namespace !== '' && event.object.metadata.namespace !== namespace) continue;
        yield { type: event.type, object: fromStored(resource, event.object) };
      }
      if (events.length === 0) await changed;
    }
  } finally {
    unsubscribe();
  }
}

/**
 * Lets virtual time pass until `work` is done: whenever it waits, the world takes its next step.
 * @throws TransportError when `work` waits for something, and nothing is going to happen any more.
 */
export async function drive<T>(simulation: Simulation, work: Promise<T>): Promise<T> {
  let done = false;
  const finished = work.finally(() => {
    done = true;
  });
  finished.catch(() => {});
  for (;;) {
    // All that `work` can do now it does in microtasks, which are over when this returns.
    await new Promise((resolve) => setImmediate(resolve));
    if (done) return finished;
    if (!simulation.idle) {
      simulation.runReady();
      continue;
    }
    const due = simulation.clock.nextDue();
    if (due === undefined) throw new TransportError('waiting for something that will never happen', 'ESTALLED');
    simulation.advance(Math.max(0, due - simulation.clock.now()));
  }
}
