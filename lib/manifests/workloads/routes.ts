/**
 * Traffic from outside by host and path: Ingress, and HTTPRoute of the Gateway API.
 * https://kubernetes.io/docs/concepts/services-networking/ingress/
 * https://gateway-api.sigs.k8s.io/api-types/httproute/
 */
import type { Construct } from 'constructs';
import type { ObjectMeta } from '../../kubernetes/types/meta-v1.generated';
import type * as networkingv1 from '../../kubernetes/types/networking-v1.generated';
import { UserError } from '../../kubernetes/user-error';
import { ApiObject } from '../api-object';
import type { Service, ServicePort } from './service';

/** A Service with one port, or one port of a Service. */
export type Backend = Service | ServicePort;

/** Not by class: the Service may come from another copy of this library. */
const portOf = (backend: Backend): ServicePort => ('service' in backend ? backend : backend.port());

/** @example { 'shop.example.com/': web, 'shop.example.com/api': api.port('http') } */
export type Routes = Readonly<
  Record<string, Backend | { readonly to: Backend; readonly pathType: networkingv1.HTTPIngressPath['pathType'] }>
>;

export type IngressProps =
  | { readonly metadata?: ObjectMeta; readonly spec: networkingv1.IngressSpec; readonly routes?: never }
  | ({ readonly metadata?: ObjectMeta; readonly routes: Routes; readonly spec?: never } & Omit<
      networkingv1.IngressSpec,
      'rules'
    >);

/**
 * @example
 * new Ingress(shop, 'shop', {
 *   ingressClassName: 'alb',
 *   routes: { 'shop.example.com/': web.expose({ port: 80 }), 'shop.example.com/api': api.port('http') },
 * });
 */
export class Ingress extends ApiObject<'networking.k8s.io/v1', 'Ingress'> {
  static readonly apiVersion = 'networking.k8s.io/v1';
  static readonly kind = 'Ingress';

  constructor(scope: Construct, name: string, props: IngressProps) {
    super(scope, name, { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', ...ingressWritten(props) } as never);
  }
}

function ingressWritten(props: IngressProps): object {
  if (props.routes === undefined) return props;
  const { metadata, routes, ...rest } = props;
  const byHost = new Map<string, networkingv1.HTTPIngressPath[]>();
  for (const [route, value] of Object.entries(routes)) {
    const slash = route.indexOf('/');
    if (slash < 0) {
      const hint = `Write "${route}/" for everything on that host, or "/path" for every host.`;
      throw new UserError('RouteWithoutPath', `the route "${route}" has no path`, hint);
    }
    const host = route.slice(0, slash);
    const { to, pathType } = 'to' in value ? value : { to: value, pathType: 'Prefix' as const };
    const { service, port } = portOf(to);
    const wirePort = port.name === undefined ? { number: port.port } : { name: port.name };
    const backend = { service: { name: service.name, port: wirePort } };
    byHost.set(host, [...(byHost.get(host) ?? []), { path: route.slice(slash), pathType, backend }]);
  }
  const rules = [...byHost].map(([host, paths]) => ({ ...(host === '' ? {} : { host }), http: { paths } }));
  return { ...(metadata ? { metadata } : {}), spec: { ...rest, rules } };
}

/** The gateway that takes the traffic in; `gateway.networking.k8s.io/v1` ParentReference. */
export interface GatewayReference {
  readonly name: string;
  readonly namespace?: string;
  /** Which listener. @default all that fit */
  readonly sectionName?: string;
}

type Weighted = { readonly to: Backend; readonly weight: number };

export interface HTTPRouteProps {
  readonly metadata?: ObjectMeta;
  readonly gateway: string | GatewayReference;
  readonly hostnames?: readonly string[];
  /** By path prefix; several backends with weights share the traffic: `{ '/': [{ to: old, weight: 9 }, { to: next, weight: 1 }] }`. */
  readonly routes: Readonly<Record<string, Backend | readonly Weighted[]>>;
}

/** @example new HTTPRoute(shop, 'shop', { gateway: 'public', hostnames: ['shop.example.com'], routes: { '/': web.expose() } }); */
export class HTTPRoute extends ApiObject<'gateway.networking.k8s.io/v1', 'HTTPRoute'> {
  static readonly apiVersion = 'gateway.networking.k8s.io/v1';
  static readonly kind = 'HTTPRoute';

  constructor(scope: Construct, name: string, { metadata, gateway, hostnames, routes }: HTTPRouteProps) {
    const rules = Object.entries(routes).map(([value, backends]) => ({
      matches: [{ path: { type: 'PathPrefix', value } }],
      backendRefs: isWeighted(backends)
        ? backends.map(({ to, weight }) => ({ ...backendRef(to), weight }))
        : [backendRef(backends)],
    }));
    super(scope, name, {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      ...(metadata ? { metadata } : {}),
      spec: {
        parentRefs: [typeof gateway === 'string' ? { name: gateway } : gateway],
        ...(hostnames ? { hostnames } : {}),
        rules,
      },
    } as never);
  }
}

const isWeighted = (backends: Backend | readonly Weighted[]): backends is readonly Weighted[] =>
  Array.isArray(backends);

function backendRef(backend: Backend): object {
  const { service, port } = portOf(backend);
  return { name: service.name, port: port.port };
}
