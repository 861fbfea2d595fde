/**
 * A Service of type LoadBalancer becomes a Network Load Balancer: one listener and one target group for each port.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
 *
 * Left out: TCP_UDP, addresses by annotation, access logs, and the Classic Load Balancers that the
 * in-tree controller makes for Services without annotations: here every Service gets what the controller would make.
 */
import type { KubernetesObject } from '../../kubernetes/object';
import { pairsOf } from './ingress-annotations';
import {
  annotation,
  annotationList,
  type ListenerModel,
  type LoadBalancerModel,
  resourceName,
  type TargetGroupModel,
} from './load-balancer-model';

const PREFIX = 'service.beta.kubernetes.io';

/** That of the controller, and that of Auto Mode, which has it built in. */
const NLB_CLASSES = ['service.k8s.aws/nlb', 'eks.amazonaws.com/nlb'];

interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
  readonly targetPort?: number | string;
}

/** Undefined for a Service that asks for no load balancer, or for another controller's. */
export function modelOfService(service: KubernetesObject): LoadBalancerModel | undefined {
  const { loadBalancerClass } = service.spec;
  if (service.spec.type !== 'LoadBalancer') return undefined;
  if (loadBalancerClass !== undefined && !NLB_CLASSES.includes(loadBalancerClass)) return undefined;
  const { namespace, name, uid } = service.metadata;
  const ports: readonly ServicePort[] = service.spec.ports ?? [];
  const targetGroups = ports.map((port) => targetGroupOf(service, port));
  return {
    stack: `${namespace}/${name}`,
    tagPrefix: 'service.k8s.aws',
    name:
      annotation(service, PREFIX, 'aws-load-balancer-name') ?? resourceName(namespace!, name!, uid!, schemeOf(service)),
    type: 'network',
    scheme: schemeOf(service),
    subnets: annotationList(service, PREFIX, 'aws-load-balancer-subnets'),
    securityGroups: annotationList(service, PREFIX, 'aws-load-balancer-security-groups'),
    attributes: pairsOf(service, PREFIX, 'aws-load-balancer-attributes'),
    tags: pairsOf(service, PREFIX, 'aws-load-balancer-additional-resource-tags'),
    inboundCidrs: service.spec.loadBalancerSourceRanges ?? [],
    listeners: ports.map((port, index) => listenerOf(service, port, targetGroups[index]!)),
    targetGroups,
    openPorts: ports.map((port) => port.port),
  };
}

function schemeOf(service: KubernetesObject): LoadBalancerModel['scheme'] {
  const scheme = annotation(service, PREFIX, 'aws-load-balancer-scheme');
  if (scheme === 'internal' || scheme === 'internet-facing') return scheme;
  return annotation(service, PREFIX, 'aws-load-balancer-internal') === 'true' ? 'internal' : 'internet-facing';
}

function listenerOf(service: KubernetesObject, port: ServicePort, target: TargetGroupModel): ListenerModel {
  const certificates = annotationList(service, PREFIX, 'aws-load-balancer-ssl-cert');
  const tlsPorts = annotationList(service, PREFIX, 'aws-load-balancer-ssl-ports');
  const isListed =
    tlsPorts.length === 0 || tlsPorts.some((one) => one === '*' || one === port.name || one === String(port.port));
  const isTls = certificates.length > 0 && isListed;
  return {
    port: port.port,
    protocol: isTls ? 'TLS' : protocolOf(port),
    certificates: isTls ? certificates : [],
    sslPolicy: isTls ? annotation(service, PREFIX, 'aws-load-balancer-ssl-negotiation-policy') : undefined,
    defaultAction: { Type: 'forward', groups: [{ key: target.key, weight: 1 }] },
    rules: [],
  };
}

const protocolOf = ({ protocol }: ServicePort) => (protocol === 'UDP' ? 'UDP' : 'TCP');

function targetGroupOf(service: KubernetesObject, port: ServicePort): TargetGroupModel {
  const { namespace, name, uid } = service.metadata;
  const portKey = port.name ?? String(port.port);
  const healthProtocol = annotation(service, PREFIX, 'aws-load-balancer-healthcheck-protocol')?.toUpperCase();
  const http = healthProtocol === 'HTTP' || healthProtocol === 'HTTPS';
  const number = (annotationName: string, fallback: number) =>
    Number(annotation(service, PREFIX, annotationName) ?? fallback);
  return {
    key: `${namespace}/${name}:${port.port}`,
    name: resourceName(namespace!, name!, uid!, portKey, targetTypeOf(service), protocolOf(port)),
    protocol: protocolOf(port),
    attributes: pairsOf(service, PREFIX, 'aws-load-balancer-target-group-attributes'),
    targetType: targetTypeOf(service),
    service: { namespace: namespace!, name: name!, port: port.name ?? port.port },
    healthCheck: {
      protocol: http ? healthProtocol : 'TCP',
      ...(http ? { path: annotation(service, PREFIX, 'aws-load-balancer-healthcheck-path') ?? '/' } : {}),
      port: annotation(service, PREFIX, 'aws-load-balancer-healthcheck-port'),
      intervalSeconds: number('aws-load-balancer-healthcheck-interval', 10),
      healthyThreshold: number('aws-load-balancer-healthcheck-healthy-threshold', 3),
      unhealthyThreshold: number('aws-load-balancer-healthcheck-unhealthy-threshold', 3),
    },
  };
}

function targetTypeOf(service: KubernetesObject): 'ip' | 'instance' {
  if (annotation(service, PREFIX, 'aws-load-balancer-type') === 'nlb-ip') return 'ip';
  return annotation(service, PREFIX, 'aws-load-balancer-nlb-target-type') === 'ip' ? 'ip' : 'instance';
}
