/**
 * Requests that the API server passes on to a kubelet: logs and, over an upgraded connection, exec and attach.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { badRequest, internalError, notFound, StatusError } from '../../../kubernetes/status-error';
import type { ApiServer } from '../api-server/api-server';
import type { LogOptions, PodAccess, PodLog } from '../kubelet/pod-access';
import { type HttpRequest, type SettledAnswer, textAnswer } from './door';
import { isTrue, type ResourceInfo } from './request-info';

const PODS = { group: '', resource: 'pods' };
const STREAMS = new Set(['exec', 'attach', 'portforward']);

/** Undefined: the subresource is none of these. @throws StatusError */
export function answerPodRequest(
  server: ApiServer,
  request: HttpRequest,
  info: ResourceInfo,
): SettledAnswer | undefined {
  if (info.resource !== 'pods' || info.group !== '') return undefined;
  if (info.subresource === 'log') return answerLog(server, request, info);
  if (STREAMS.has(info.subresource)) {
    findPod(server, info);
    throw badRequest('Upgrade request required');
  }
  if (info.subresource === 'proxy') return answerProxy(server, request, info);
  return undefined;
}

function answerLog(server: ApiServer, { query }: HttpRequest, info: ResourceInfo): SettledAnswer {
  const pod = findPod(server, info);
  // A Pod without a node has no log, and that is no error.
  if (!pod.spec.nodeName) return { status: 204, headers: {}, body: '' };
  const log = accessTo(server, pod).logs(info.namespace, info.name, logOptions(query));
  if (!isTrue(query.get('follow'))) return textAnswer(200, 'text/plain', log.text);
  return { log };
}

function logOptions(query: URLSearchParams): LogOptions {
  const number = (name: string): number | undefined => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    return Number(text);
  };
  const options = {
    container: query.get('container') || undefined,
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    sinceSeconds: number('sinceSeconds'),
    sinceTime: query.get('sinceTime') || undefined,
    tailLines: number('tailLines'),
    limitBytes: number('limitBytes'),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** `/proxy/path`: a request to the Pod's port, `pods/web:8080/proxy/`, else its first one. */
function answerProxy(server: ApiServer, request: HttpRequest, info: ResourceInfo): SettledAnswer {
  const [name = '', port] = info.name.split(':');
  const pod = findPod(server, { ...info, name });
  const first = pod.spec.containers.flatMap((each: any) => each.ports ?? [])[0]?.containerPort ?? 80;
  const query = request.query.toString();
  const response = accessTo(server, pod).http(info.namespace, name, Number(port ?? first), {
    method: request.method,
    path: `/${info.rest}${query === '' ? '' : `?${query}`}`,
    ...(request.body.length > 0 ? { body: new TextDecoder().decode(request.body) } : {}),
  });
  return { status: response.status, headers: response.headers ?? {}, body: response.body };
}

export interface ExecRequest {
  readonly access: PodAccess;
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string;
  readonly command: readonly string[];
  readonly stdin: boolean;
  /** What `attach` shows instead of running something. */
  readonly log?: PodLog;
}

/** What an upgraded connection asks for. @throws StatusError */
export function execRequest(server: ApiServer, info: ResourceInfo, query: URLSearchParams): ExecRequest {
  const pod = findPod(server, info);
  if (!pod.spec.nodeName) throw badRequest(`pod ${info.name} does not have a host assigned`);
  const access = accessTo(server, pod);
  const container = query.get('container') || undefined;
  const base = {
    access,
    namespace: info.namespace,
    pod: info.name,
    ...(container ? { container } : {}),
    stdin: isTrue(query.get('stdin')),
  };
  if (info.subresource === 'attach') {
    return { ...base, command: [], log: access.logs(info.namespace, info.name, container ? { container } : {}) };
  }
  if (info.subresource !== 'exec') {
    throw new StatusError(501, 'NotImplemented', `pods/${info.subresource} is not simulated`);
  }
  const command = query.getAll('command');
  if (command.length === 0) throw badRequest('you must specify at least 1 command for the container');
  return { ...base, command };
}

function findPod(server: ApiServer, { namespace, name }: ResourceInfo): KubernetesObject {
  const pod = server.store.get('pods', namespace, name);
  if (!pod) throw notFound(PODS, name);
  return pod;
}

function accessTo(server: ApiServer, pod: KubernetesObject): PodAccess {
  if (server.podAccess) return server.podAccess;
  const node = pod.spec.nodeName;
  throw internalError(`error dialing backend: dial tcp: lookup ${node}: no kubelet runs in this cluster`);
}
