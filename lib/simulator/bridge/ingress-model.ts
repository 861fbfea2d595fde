/**
 * An Ingress of class `alb` becomes an Application Load Balancer: a rule for each host and path, a target group for each
 * Service that a rule names.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
 *
 * Left out: group.name (several Ingresses on one load balancer), actions and conditions by annotation, authentication,
 * listen-ports, WAF.
 */
import type { KubernetesObject } from '../../kubernetes/object';
import {
  annotation,
  annotationList,
  type LoadBalancerModel,
  type RuleModel,
  resourceName,
  type TargetGroupModel,
} from './load-balancer-model';

const PREFIX = 'alb.ingress.kubernetes.io';
export const ALB_CONTROLLER = 'ingress.k8s.aws/alb';

interface Backend {
  readonly service?: { readonly name: string; readonly port: { readonly name?: string; readonly number?: number } };
}

interface IngressPath {
  readonly path?: string;
  readonly pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  readonly backend: Backend;
}

/** The model of an Ingress. The caller has made sure that its class is one of this controller. */
export function modelOfIngress(ingress: KubernetesObject): LoadBalancerModel {
  const { namespace, name, uid } = ingress.metadata;
  const targetGroups = new Map<string, TargetGroupModel>();
  const target = (backend: Backend): string | undefined => {
    if (!backend.service) return undefined;
    const group = targetGroupOf(ingress, backend.service);
    targetGroups.set(group.key, group);
    return group.key;
  };
  const rules = (ingress.spec.rules ?? []).flatMap((rule: { host?: string; http?: { paths: IngressPath[] } }) =>
    (rule.http?.paths ?? []).map((path) => ruleOf(rule.host, path, target(path.backend))),
  );
  const fallback = ingress.spec.defaultBackend ? target(ingress.spec.defaultBackend) : undefined;
  const certificates = annotationList(ingress, PREFIX, 'certificate-arn');
  const secure = certificates.length > 0;
  const port = secure ? 443 : 80;
  return {
    stack: `${namespace}/${name}`,
    tagPrefix: 'ingress.k8s.aws',
    name: annotation(ingress, PREFIX, 'load-balancer-name') ?? resourceName(namespace!, name!, uid!),
    type: 'application',
    scheme: annotation(ingress, PREFIX, 'scheme') === 'internet-facing' ? 'internet-facing' : 'internal',
    listeners: [
      {
        port,
        protocol: secure ? 'HTTPS' : 'HTTP',
        certificates,
        ...(fallback ? { defaultTargetGroup: fallback } : {}),
        rules: rules.filter((rule: RuleModel | undefined): rule is RuleModel => rule !== undefined),
      },
    ],
    targetGroups: [...targetGroups.values()],
    openPorts: [port],
  };
}

function ruleOf(host: string | undefined, path: IngressPath, targetGroup: string | undefined): RuleModel | undefined {
  if (!targetGroup) return undefined;
  return { ...(host ? { host } : {}), paths: pathPatterns(path), targetGroup };
}

/** `/api` as a prefix matches `/api` and everything below it: `['/api', '/api/*']`. */
function pathPatterns({ path, pathType }: IngressPath): string[] {
  const text = path === undefined || path === '' ? '/' : path;
  if (pathType !== 'Prefix') return [text];
  if (text === '/') return ['/*'];
  const trimmed = text.replace(/\/$/, '');
  return [trimmed, `${trimmed}/*`];
}

function targetGroupOf(ingress: KubernetesObject, service: NonNullable<Backend['service']>): TargetGroupModel {
  const { namespace, name, uid } = ingress.metadata;
  const port = service.port.name ?? service.port.number!;
  const number = (annotationName: string, fallback: number) =>
    Number(annotation(ingress, PREFIX, annotationName) ?? fallback);
  return {
    key: `${namespace}/${name}-${service.name}:${port}`,
    name: resourceName(namespace!, service.name, uid!, service.name, String(port)),
    protocol: 'HTTP',
    targetType: annotation(ingress, PREFIX, 'target-type') === 'ip' ? 'ip' : 'instance',
    service: { namespace: namespace!, name: service.name, port },
    healthCheck: {
      protocol: 'HTTP',
      path: annotation(ingress, PREFIX, 'healthcheck-path') ?? '/',
      intervalSeconds: number('healthcheck-interval-seconds', 15),
      healthyThreshold: number('healthy-threshold-count', 2),
      unhealthyThreshold: number('unhealthy-threshold-count', 2),
    },
  };
}
