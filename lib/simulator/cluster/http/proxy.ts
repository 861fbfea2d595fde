/**
 * The `proxy` subresource: a request passed on to a Pod, to a Service's endpoint, or to a node's kubelet.
 * https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls
 *
 *   /api/v1/namespaces/shop/pods/web-1:8080/proxy/healthz         the number of a port, else the first that the Pod declares
 *   /api/v1/namespaces/shop/services/https:web:http/proxy/        the number or name of a Service's port
 *   /api/v1/nodes/node-1/proxy/pods                               the kubelet
 *
 * Left out: links in HTML are not rewritten, connections are not upgraded.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { badRequest, notFound, StatusError } from '../../../kubernetes/status-error';
import type { ApiServer } from '../api-server/api-server';
import { type HttpRequest, type TextAnswer, textAnswer } from './door';
import { jsonOf } from './render';
import type { ResourceInfo } from './request-info';

/** @throws StatusError */
export function answerProxy(server: ApiServer, request: HttpRequest, info: ResourceInfo): TextAnswer {
  const target = parseTarget(info.name);
  if (!target) throw badRequest(`invalid ${info.resource.slice(0, -1)} request "${info.name}"`);
  const locate = LOCATORS[info.resource];
  if (!locate) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  const deliver = locate(server, info, target);
  if (!request.path.includes('/proxy/') && (request.method === 'GET' || request.method === 'HEAD')) {
    return { status: 301, headers: { location: `${request.path}/${queryOf(request)}` }, body: '' };
  }
  return deliver(request, `/${info.rest}${request.path.endsWith('/') && info.rest !== '' ? '/' : ''}`);
}

interface Target {
  readonly name: string;
  /** A number, or the name of a Service's port; empty for the usual one. */
  readonly port: string;
}

type Delivery = (request: HttpRequest, path: string) => TextAnswer;
type Locator = (server: ApiServer, info: ResourceInfo, target: Target) => Delivery;

const LOCATORS: Readonly<Record<string, Locator>> = { pods: locatePod, services: locateService, nodes: locateNode };

/** `name`, `name:port` or `scheme:name:port`. */
function parseTarget(id: string): Target | undefined {
  const parts = id.split(':');
  if (parts.length > 3) return undefined;
  const [scheme, name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
  if (name === '' || !['', 'http', 'https'].includes(scheme!)) return undefined;
  return { name, port };
}

function locatePod(server: ApiServer, { namespace }: ResourceInfo, { name, port }: Target): Delivery {
  const pod = server.store.get('pods', namespace, name);
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name);
  const declared = pod.spec.containers.flatMap((each: any) => each.ports ?? [])[0]?.containerPort;
  if (!pod.status?.podIP) throw badRequest('address not allowed');
  return toPod(server, pod, port === '' ? Number(declared ?? 80) : Number(port));
}

function locateService(server: ApiServer, { namespace }: ResourceInfo, { name, port }: Target): Delivery {
  const service = server.store.get('services', namespace, name);
  if (!service) throw notFound({ group: '', resource: 'services' }, name);
  const portName = portNameOf(service, port);
  for (const { addresses = [], ports = [] } of server.store.get('endpoints', namespace, name)?.subsets ?? []) {
    const found = ports.find((each: any) => (each.name ?? '') === portName);
    const address = addresses[0];
    if (!found || !address) continue;
    const pod = address.targetRef && server.store.get('pods', namespace, address.targetRef.name);
    if (pod) return toPod(server, pod, found.port);
    return () => {
      throw unreachable(`dial tcp ${address.ip}:${found.port}: i/o timeout`);
    };
  }
  throw unavailable(`no endpoints available for service "${name}"`);
}

/** Endpoints know ports by the name that the Service gives them. */
function portNameOf({ spec, metadata }: KubernetesObject, port: string): string {
  if (!/^\d+$/.test(port)) return port;
  const found = spec.ports?.find((each: any) => each.port === Number(port));
  if (!found) throw unavailable(`no service port ${port} found for service "${metadata.name}"`);
  return found.name ?? '';
}

function toPod(server: ApiServer, pod: KubernetesObject, port: number): Delivery {
  return (request, path) => {
    const { namespace = '', name = '' } = pod.metadata;
    const target = `${pod.status?.podIP}:${port}`;
    const access = server.podAccess;
    if (!access?.listens(namespace, name, port)) throw unreachable(`dial tcp ${target}: connect: connection refused`);
    const { host: _host, authorization: _authorization, ...headers } = request.headers;
    const response = access.connect(
      namespace,
      name,
      port,
    )({
      method: request.method,
      path: path + queryOf(request),
      headers: { ...(headers as Record<string, string>), host: target },
      ...(request.body.length > 0 ? { body: new TextDecoder().decode(request.body) } : {}),
    });
    if (!response) throw unreachable(`read tcp ${target}: i/o timeout`);
    return { status: response.status, headers: response.headers ?? {}, body: response.body };
  };
}

/** What the kubelet shows of itself. https://kubernetes.io/docs/reference/node/kubelet-api/ */
function locateNode(server: ApiServer, _info: ResourceInfo, { name, port }: Target): Delivery {
  const node = server.store.get('nodes', undefined, name);
  if (!node) throw notFound({ group: '', resource: 'nodes' }, name);
  return (request, path) => {
    const address = node.status?.addresses?.find(({ type }: any) => type === 'InternalIP')?.address ?? name;
    if ((port !== '' && port !== '10250') || !server.podAccess) {
      throw unreachable(`dial tcp ${address}:${port === '' ? 10250 : port}: connect: connection refused`);
    }
    switch (path.replace(/\/$/, '')) {
      case '/healthz':
        return textAnswer(200, 'text/plain; charset=utf-8', 'ok');
      case '/pods': {
        const pods = [...server.store.list('pods')].filter(({ spec }) => spec.nodeName === name);
        const items = pods.map(jsonOf).join(',');
        return textAnswer(
          200,
          'application/json',
          `{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[${items}]}`,
        );
      }
      default:
        if (path.startsWith('/containerLogs/')) return containerLog(server, request, path);
        return textAnswer(404, 'text/plain; charset=utf-8', '404 page not found\n');
    }
  };
}

function containerLog(server: ApiServer, { query }: HttpRequest, path: string): TextAnswer {
  const [, , namespace = '', pod = '', container = ''] = path.split('/');
  const tail = query.get('tailLines');
  const options = { container, ...(tail ? { tailLines: Number(tail) } : {}) };
  return textAnswer(200, 'text/plain', server.podAccess!.logs(namespace, pod, options).text);
}

function queryOf({ query }: HttpRequest): string {
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

const unavailable = (message: string): StatusError => new StatusError(503, 'ServiceUnavailable', message);
const unreachable = (cause: string): StatusError => unavailable(`error trying to reach service: ${cause}`);
