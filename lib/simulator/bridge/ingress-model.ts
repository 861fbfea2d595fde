/**
 * Ingresses of class `alb` become an Application Load Balancer: a rule for each host and path, a target group for each
 * Service that a rule names. One Ingress has one load balancer; those of a group share one.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
 *
 * Left out: authentication, WAF, Shield, mutual TLS, finding certificates by host name, IPv6.
 */
import type { KubernetesObject } from '../../kubernetes/object';
import { actionOf, capitalized, conditionsFor, INGRESS_PREFIX, listenPortsOf, pairsOf } from './ingress-annotations';
import type { IngressGroup, IngressMember } from './ingress-groups';
import {
  type ActionModel,
  annotation,
  annotationList,
  type ListenerModel,
  type LoadBalancerModel,
  type RuleModel,
  resourceName,
  type TargetGroupModel,
} from './load-balancer-model';

interface ServiceBackend {
  readonly name: string;
  readonly port: { readonly name?: string; readonly number?: number };
}

interface Backend {
  readonly service?: ServiceBackend;
}

interface IngressPath {
  readonly path?: string;
  readonly pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  readonly backend: Backend;
}

/** Answers what no rule matches. */
const NOT_FOUND: ActionModel = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain', MessageBody: '' },
};

/** @throws BadAnnotation */
export function modelOfGroup(group: IngressGroup): LoadBalancerModel {
  const [first] = group.members as [IngressMember];
  const { namespace, name, uid } = first.ingress.metadata;
  const targetGroups = new Map<string, TargetGroupModel>();
  const setting = (key: string, param?: string) => settingOf(group, key, param);
  const scheme = setting('scheme', 'scheme') === 'internet-facing' ? 'internet-facing' : 'internal';
  const listeners = listenersOf(group, targetGroups);
  const generated =
    group.name === undefined
      ? resourceName(namespace!, name!, uid!, scheme)
      : resourceName(group.name, '', group.name, scheme).replace('--', '-');
  return {
    stack: group.stack,
    tagPrefix: 'ingress.k8s.aws',
    name: setting('load-balancer-name', 'loadBalancerName') ?? generated,
    type: 'application',
    scheme,
    subnets: group.members.flatMap(
      ({ ingress, params }) => params.subnets?.ids ?? annotationList(ingress, INGRESS_PREFIX, 'subnets'),
    ),
    securityGroups: group.members.flatMap(({ ingress }) => annotationList(ingress, INGRESS_PREFIX, 'security-groups')),
    attributes: merged(group, 'load-balancer-attributes'),
    tags: merged(group, 'tags'),
    inboundCidrs: group.members.flatMap(
      ({ ingress, params }) => params.inboundCIDRs ?? annotationList(ingress, INGRESS_PREFIX, 'inbound-cidrs'),
    ),
    listeners,
    targetGroups: [...targetGroups.values()],
    openPorts: listeners.map(({ port }) => port),
  };
}

/** The first member that says something decides. */
function settingOf(group: IngressGroup, key: string, param = ''): string | undefined {
  for (const { ingress, params } of group.members) {
    const value = params[param] ?? annotation(ingress, INGRESS_PREFIX, key);
    if (value !== undefined) return String(value);
  }
  return undefined;
}

function merged(group: IngressGroup, key: string): Record<string, string> {
  return Object.assign({}, ...[...group.members].reverse().map(({ ingress }) => pairsOf(ingress, INGRESS_PREFIX, key)));
}

/** Each member's rules are on the ports that it listens on; members come in their order. */
function listenersOf(group: IngressGroup, targetGroups: Map<string, TargetGroupModel>): ListenerModel[] {
  const byPort = new Map<number, { -readonly [K in keyof ListenerModel]: ListenerModel[K] }>();
  const redirect = settingOf(group, 'ssl-redirect');
  for (const member of group.members) {
    const { ingress } = member;
    const certificates = certificatesOf(member);
    const { rules, fallback } = rulesOf(ingress, targetGroups);
    for (const { port, protocol } of listenPortsOf(ingress, certificates.length > 0)) {
      const listener = byPort.get(port) ?? { port, protocol, certificates: [], defaultAction: NOT_FOUND, rules: [] };
      byPort.set(port, listener);
      if (protocol === 'HTTPS') listener.certificates = [...new Set([...listener.certificates, ...certificates])];
      listener.sslPolicy ??= annotation(ingress, INGRESS_PREFIX, 'ssl-policy');
      if (redirect !== undefined && protocol === 'HTTP') {
        const RedirectConfig = { Protocol: 'HTTPS', Port: redirect, StatusCode: 'HTTP_301' };
        listener.defaultAction = { Type: 'redirect', RedirectConfig };
        continue;
      }
      listener.rules = [...listener.rules, ...rules];
      if (fallback) listener.defaultAction = fallback;
    }
  }
  return [...byPort.values()].sort((a, b) => a.port - b.port);
}

function certificatesOf({ ingress, params }: IngressMember): string[] {
  return params.certificateArn ?? annotationList(ingress, INGRESS_PREFIX, 'certificate-arn');
}

function rulesOf(ingress: KubernetesObject, targetGroups: Map<string, TargetGroupModel>) {
  const action = ({ service }: Backend): ActionModel | undefined => {
    if (!service) return undefined;
    if (service.port.name === 'use-annotation') return annotatedAction(ingress, service.name, targetGroups);
    return { Type: 'forward', groups: [{ key: remember(ingress, service, targetGroups), weight: 1 }] };
  };
  const rules = (ingress.spec.rules ?? []).flatMap((rule: { host?: string; http?: { paths: IngressPath[] } }) =>
    (rule.http?.paths ?? []).flatMap((path): RuleModel[] => {
      const chosen = action(path.backend);
      return chosen ? [{ conditions: conditionsOf(ingress, rule.host, path), action: chosen }] : [];
    }),
  ) as RuleModel[];
  return { rules, fallback: ingress.spec.defaultBackend ? action(ingress.spec.defaultBackend) : undefined };
}

function remember(
  ingress: KubernetesObject,
  service: ServiceBackend,
  targetGroups: Map<string, TargetGroupModel>,
): string {
  const group = targetGroupOf(ingress, service);
  targetGroups.set(group.key, group);
  return group.key;
}

function annotatedAction(
  ingress: KubernetesObject,
  name: string,
  targetGroups: Map<string, TargetGroupModel>,
): ActionModel {
  const { type, ...config } = actionOf(ingress, name);
  if (type !== 'forward') return { Type: type, ...capitalized(config) };
  const targets: any[] = config.forwardConfig?.targetGroups ?? [config];
  return {
    Type: 'forward',
    groups: targets.map(({ serviceName, servicePort, targetGroupARN, weight = 1 }) => {
      if (targetGroupARN) return { arn: targetGroupARN, weight };
      const port = Number.isNaN(Number(servicePort)) ? { name: servicePort } : { number: Number(servicePort) };
      return { key: remember(ingress, { name: serviceName, port }, targetGroups), weight };
    }),
  };
}

function conditionsOf(ingress: KubernetesObject, host: string | undefined, path: IngressPath): RuleModel['conditions'] {
  const more = path.backend.service ? conditionsFor(ingress, path.backend.service.name) : [];
  return [
    ...(host ? [{ Field: 'host-header', HostHeaderConfig: { Values: [host] } }] : []),
    { Field: 'path-pattern', PathPatternConfig: { Values: pathPatterns(path) } },
    ...more,
  ];
}

/** `/api` as a prefix matches `/api` and everything below it: `['/api', '/api/*']`. */
function pathPatterns({ path, pathType }: IngressPath): string[] {
  const text = path === undefined || path === '' ? '/' : path;
  if (pathType !== 'Prefix') return [text];
  if (text === '/') return ['/*'];
  const trimmed = text.replace(/\/$/, '');
  return [trimmed, `${trimmed}/*`];
}

function targetGroupOf(ingress: KubernetesObject, service: ServiceBackend): TargetGroupModel {
  const { namespace, name, uid } = ingress.metadata;
  const port = service.port.name ?? service.port.number!;
  const text = (annotationName: string) => annotation(ingress, INGRESS_PREFIX, annotationName);
  const number = (annotationName: string, fallback: number) => Number(text(annotationName) ?? fallback);
  const protocol = text('backend-protocol') === 'HTTPS' ? 'HTTPS' : 'HTTP';
  const targetType = text('target-type') === 'ip' ? 'ip' : 'instance';
  return {
    key: `${namespace}/${name}-${service.name}:${port}`,
    name: resourceName(namespace!, service.name, uid!, service.name, String(port), targetType, protocol),
    protocol,
    targetType,
    service: { namespace: namespace!, name: service.name, port },
    attributes: pairsOf(ingress, INGRESS_PREFIX, 'target-group-attributes'),
    healthCheck: {
      protocol: text('healthcheck-protocol') === 'HTTPS' ? 'HTTPS' : 'HTTP',
      path: text('healthcheck-path') ?? '/',
      port: text('healthcheck-port'),
      intervalSeconds: number('healthcheck-interval-seconds', 15),
      timeoutSeconds: number('healthcheck-timeout-seconds', 5),
      healthyThreshold: number('healthy-threshold-count', 2),
      unhealthyThreshold: number('unhealthy-threshold-count', 2),
    },
  };
}
