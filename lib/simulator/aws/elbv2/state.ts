/**
 * What Elastic Load Balancing keeps in one region. Records carry the names of the wire.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Types.html
 */
import { AwsError } from '../aws-error';
import { regionalState, type Scope } from '../service';
import type { Tag } from '../tags';

export interface LoadBalancer {
  readonly LoadBalancerArn: string;
  readonly DNSName: string;
  readonly CanonicalHostedZoneId: string;
  readonly CreatedTime: string;
  readonly LoadBalancerName: string;
  readonly Scheme: 'internet-facing' | 'internal';
  readonly VpcId: string;
  readonly Type: 'application' | 'network';
  readonly IpAddressType: string;
  State: { readonly Code: 'provisioning' | 'active' | 'failed'; readonly Reason?: string };
  AvailabilityZones: { readonly ZoneName: string; readonly SubnetId: string }[];
  SecurityGroups: string[];
  readonly attributes: Map<string, string>;
  readonly interfaceIds: string[];
  tags: Tag[];
}

export interface Listener {
  readonly ListenerArn: string;
  readonly LoadBalancerArn: string;
  Port: number;
  Protocol: string;
  Certificates?: readonly { readonly CertificateArn: string }[];
  SslPolicy?: string;
  DefaultActions: readonly Action[];
  /** In the order of their priorities; the default rule is not among them. */
  rules: Rule[];
  /** Counts the requests that were split between target groups. */
  forwarded: number;
  tags: Tag[];
}

export interface Rule {
  readonly RuleArn: string;
  Priority: number;
  Conditions: readonly Condition[];
  Actions: readonly Action[];
}

export interface Action {
  readonly Type: 'forward' | 'fixed-response' | 'redirect';
  readonly TargetGroupArn?: string;
  readonly ForwardConfig?: {
    readonly TargetGroups?: readonly { readonly TargetGroupArn: string; readonly Weight?: number | string }[];
  };
  readonly FixedResponseConfig?: {
    readonly StatusCode: string;
    readonly ContentType?: string;
    readonly MessageBody?: string;
  };
  readonly RedirectConfig?: RedirectConfig;
}

/** `#{host}`, `#{path}`, `#{query}`, `#{port}`, `#{protocol}` are those of the request. */
export interface RedirectConfig {
  /** `HTTP_301` or `HTTP_302` */
  readonly StatusCode: string;
  readonly Protocol?: string;
  readonly Port?: string;
  readonly Host?: string;
  readonly Path?: string;
  readonly Query?: string;
}

export interface Condition {
  readonly Field: string;
  readonly Values?: readonly string[];
  readonly HostHeaderConfig?: { readonly Values?: readonly string[] };
  readonly PathPatternConfig?: { readonly Values?: readonly string[] };
  readonly HttpHeaderConfig?: { readonly HttpHeaderName: string; readonly Values?: readonly string[] };
  readonly HttpRequestMethodConfig?: { readonly Values?: readonly string[] };
  readonly QueryStringConfig?: { readonly Values?: readonly { readonly Key?: string; readonly Value?: string }[] };
  readonly SourceIpConfig?: { readonly Values?: readonly string[] };
}

export interface TargetGroup {
  readonly TargetGroupArn: string;
  readonly TargetGroupName: string;
  readonly Protocol: string;
  readonly Port: number;
  readonly VpcId: string;
  readonly TargetType: 'ip' | 'instance';
  HealthCheckProtocol: string;
  HealthCheckPort: string;
  HealthCheckPath?: string;
  HealthCheckIntervalSeconds: number;
  HealthCheckTimeoutSeconds: number;
  HealthyThresholdCount: number;
  UnhealthyThresholdCount: number;
  readonly attributes: Map<string, string>;
  /** By `id:port`, in the order of registration. */
  readonly targets: Map<string, Target>;
  /** Round robin: counts the requests that were routed. */
  routed: number;
  /** Whether the health-check timer is set. */
  checking: boolean;
  tags: Tag[];
}

export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining';

export interface Target {
  readonly Id: string;
  readonly Port: number;
  state: TargetState;
  reason?: string;
  description?: string;
  /** Checks of the same result in a row. */
  successes: number;
  failures: number;
}

export class ElbState {
  readonly loadBalancers = new Map<string, LoadBalancer>();
  readonly listeners = new Map<string, Listener>();
  readonly targetGroups = new Map<string, TargetGroup>();
  /**
   * Whether a target answers its health check; set by whoever simulates the network behind the targets. Without one,
   * nothing answers.
   */
  probe: (group: TargetGroup, target: Target) => boolean = () => false;
  private readonly random;

  constructor(readonly scope: Scope) {
    this.random = scope.account.random(`elbv2/${scope.region}`);
  }

  hex(length: number): string {
    return this.random.hex(length);
  }

  findLoadBalancer(arn: string): LoadBalancer {
    const found = this.loadBalancers.get(arn);
    if (!found) throw new AwsError('LoadBalancerNotFound', `Load balancer '${arn}' not found`);
    return found;
  }

  findListener(arn: string): Listener {
    const found = this.listeners.get(arn);
    if (!found) throw new AwsError('ListenerNotFound', `Listener '${arn}' not found`);
    return found;
  }

  findTargetGroup(arn: string): TargetGroup {
    const found = this.targetGroups.get(arn);
    if (!found) throw new AwsError('TargetGroupNotFound', `Target group '${arn}' not found`);
    return found;
  }

  listenersOf(loadBalancerArn: string): Listener[] {
    return [...this.listeners.values()].filter((listener) => listener.LoadBalancerArn === loadBalancerArn);
  }

  /** The load balancers whose listeners or rules forward to a target group. */
  usersOf(targetGroupArn: string): LoadBalancer[] {
    const users = [...this.listeners.values()].filter((listener) =>
      [listener.DefaultActions, ...listener.rules.map((rule) => rule.Actions)].some((actions) =>
        actions.some((action) => forwardedTo(action).includes(targetGroupArn)),
      ),
    );
    return [...new Set(users.map((listener) => this.findLoadBalancer(listener.LoadBalancerArn)))];
  }
}

export const elbOf = regionalState('elbv2', (scope) => new ElbState(scope));

/** The target groups of an action. */
export function forwardedTo(action: Action): string[] {
  if (action.TargetGroupArn) return [action.TargetGroupArn];
  return (action.ForwardConfig?.TargetGroups ?? []).map((group) => group.TargetGroupArn);
}

export function arnOf(scope: Scope, path: string): string {
  return `arn:aws:elasticloadbalancing:${scope.region}:${scope.account.accountId}:${path}`;
}
