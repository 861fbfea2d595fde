/**
 * What a Service or an Ingress asks of Elastic Load Balancing, as plain data: first the model is built from Kubernetes
 * objects (pure), then it is deployed through the API of ELBv2. The AWS Load Balancer Controller works the same way.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/how-it-works/
 */
import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../../kubernetes/object';

export type Tags = Readonly<Record<string, string>>;

export interface LoadBalancerModel {
  /** What owns everything here: `<namespace>/<name>` of a Kubernetes object, or the name of a group of Ingresses. */
  readonly stack: string;
  /** `service.k8s.aws` or `ingress.k8s.aws`: the prefix of its tags and of its finalizer. */
  readonly tagPrefix: string;
  readonly name: string;
  readonly type: 'network' | 'application';
  readonly scheme: 'internet-facing' | 'internal';
  /** Ids or values of the tag Name. Empty: found by the tag of the scheme. */
  readonly subnets: readonly string[];
  /** In place of a group of its own. Empty: one is made. */
  readonly securityGroups: readonly string[];
  readonly attributes: Tags;
  /** Further tags of everything that is made. */
  readonly tags: Tags;
  /** Whom the security group lets in. Empty: everybody. */
  readonly inboundCidrs: readonly string[];
  readonly listeners: readonly ListenerModel[];
  readonly targetGroups: readonly TargetGroupModel[];
  /** Ports that clients may reach. */
  readonly openPorts: readonly number[];
}

export interface ListenerModel {
  readonly port: number;
  readonly protocol: 'TCP' | 'TLS' | 'UDP' | 'HTTP' | 'HTTPS';
  readonly certificates: readonly string[];
  readonly sslPolicy?: string;
  /** What happens to what no rule matches. */
  readonly defaultAction: ActionModel;
  readonly rules: readonly RuleModel[];
}

export interface RuleModel {
  /** As ELBv2's API takes them. */
  readonly conditions: readonly Readonly<Record<string, unknown>>[];
  readonly action: ActionModel;
}

/** Forwards to target groups, by their keys in the model or by ARN; anything else is as ELBv2's API takes it. */
export type ActionModel =
  | {
      readonly Type: 'forward';
      readonly groups: readonly { readonly key?: string; readonly arn?: string; readonly weight: number }[];
    }
  | ({ readonly Type: 'redirect' | 'fixed-response' } & Readonly<Record<string, unknown>>);

export interface TargetGroupModel {
  /** Unique within the stack; its value of the `resource` tag. */
  readonly key: string;
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP' | 'HTTP' | 'HTTPS';
  readonly targetType: 'ip' | 'instance';
  readonly service: { readonly namespace: string; readonly name: string; readonly port: string | number };
  readonly attributes: Tags;
  readonly healthCheck: {
    readonly protocol: 'TCP' | 'HTTP' | 'HTTPS';
    readonly path?: string;
    /** @default the port of the traffic */
    readonly port?: string;
    readonly timeoutSeconds?: number;
    readonly intervalSeconds: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
  };
}

/** `k8s-<namespace>-<name>-<hash>`, each part cut as the controller cuts it: at most 32 characters in all. */
export function resourceName(namespace: string, name: string, ...identity: readonly string[]): string {
  const hash = createHash('sha256').update(identity.join('|')).digest('hex').slice(0, 10);
  const part = (text: string) => text.replace(/[^a-zA-Z0-9]/g, '').slice(0, 8);
  return `k8s-${part(namespace)}-${part(name)}-${hash}`;
}

/** The tags by which the controller finds what it made for an object, and a teardown what it left behind. */
export function stackTags(model: LoadBalancerModel, clusterName: string, resource: string): Tags {
  return {
    ...model.tags,
    'elbv2.k8s.aws/cluster': clusterName,
    [`${model.tagPrefix}/stack`]: model.stack,
    [`${model.tagPrefix}/resource`]: resource,
  };
}

export const finalizerOf = (tagPrefix: string): string => `${tagPrefix}/resources`;

/** An annotation of the controller, without its prefix. */
export function annotation(object: KubernetesObject, prefix: string, name: string): string | undefined {
  return object.metadata.annotations?.[`${prefix}/${name}`];
}

export function annotationList(object: KubernetesObject, prefix: string, name: string): string[] {
  const text = annotation(object, prefix, name) ?? '';
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
