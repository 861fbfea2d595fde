/**
 * Requests that the API server passes on to a kubelet: logs, proxies and, over an upgraded connection, exec, attach and
 * port-forward.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { badRequest, internalError, notFound } from '../../../kubernetes/status-error';
import type { ApiServer } from '../api-server/api-server';
import type { LogOptions, PodAccess } from '../kubelet/pod-access';
import { type HttpRequest, type SettledAnswer, textAnswer } from './door';
import { answerProxy } from './proxy';
import { isTrue, type ResourceInfo } from './request-info';

const PODS = { group: '', resource: 'pods' };
export const STREAMS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

/** Undefined: the subresource is none of these. @throws StatusError */
export function answerPodRequest(
  server: ApiServer,
  request: HttpRequest,
  info: ResourceInfo,
): SettledAnswer | undefined {
  if (info.group !== '') return undefined;
  if (info.subresource === 'proxy') return answerProxy(server, request, info);
  if (info.resource !== 'pods') return undefined;
  if (info.subresource === 'log') return answerLog(server, request, info);
  if (STREAMS.has(info.subresource)) {
    findPod(server, info);
    throw badRequest('Upgrade request required');
  }
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

interface PodStream {
  readonly access: PodAccess;
  readonly namespace: string;
  readonly pod: string;
}

/** `exec`, and without a command `attach`. */
export interface CommandRequest extends PodStream {
  readonly kind: 'command';
  readonly container?: string;
  readonly command?: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export interface ForwardRequest extends PodStream {
  readonly kind: 'forward';
}

export type StreamRequest = CommandRequest | ForwardRequest;

/** What an upgraded connection asks for. @throws StatusError */
export function streamRequest(server: ApiServer, info: ResourceInfo, query: URLSearchParams): StreamRequest {
  const { namespace, name, subresource } = info;
  const pod = findPod(server, info);
  if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
  const stream = { access: accessTo(server, pod), namespace, pod: name };
  if (subresource === 'portforward') return { kind: 'forward', ...stream };
  const container = query.get('container') || undefined;
  const command = query.getAll('command');
  if (subresource === 'exec' && command.length === 0) {
    throw badRequest('you must specify at least 1 command for the container');
  }
  const is = (parameter: string): boolean => isTrue(query.get(parameter));
  const wants = { stdin: is('stdin'), stdout: is('stdout'), stderr: is('stderr'), tty: is('tty') };
  if (!wants.stdin && !wants.stdout && !wants.stderr) {
    throw badRequest('you must specify at least one of stdin, stdout, stderr');
  }
  return {
    kind: 'command',
    ...stream,
    ...(container ? { container } : {}),
    ...(subresource === 'exec' ? { command } : {}),
    ...wants,
  };
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
