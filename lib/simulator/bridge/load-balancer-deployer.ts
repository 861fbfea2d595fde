/**
 * Makes Elastic Load Balancing match a model, and takes it away again. Everything is found by its tags, never by memory,
 * so a controller that was restarted, or interrupted in the middle, goes on where things stand.
 *
 * A load balancer whose scheme or type changes is replaced, as the real one is. Left out: listener attributes.
 */
import { type AwsApi, type AwsGuard, awsApi, type ClusterSurroundings, tagList, unlessNotFound } from './aws-api';
import {
  type ActionModel,
  type ListenerModel,
  type LoadBalancerModel,
  type RuleModel,
  stackTags,
  type Tags,
  type TargetGroupModel,
} from './load-balancer-model';
import { LoadBalancerSecurityGroups } from './security-groups';

export interface Target {
  /** An IP address or an instance id. */
  readonly id: string;
  readonly port: number;
}

export interface Deployed {
  readonly dnsName: string;
  /** Target group ARN by model key. */
  readonly targetGroups: ReadonlyMap<string, string>;
}

/** Said when no subnet of the VPC carries the tag that the scheme asks for. */
export class NoSubnets extends Error {
  override readonly name = 'NoSubnets';
}

export class LoadBalancerDeployer {
  private readonly aws: AwsApi;
  private readonly securityGroups: LoadBalancerSecurityGroups;

  constructor(
    private readonly surroundings: ClusterSurroundings,
    guard?: AwsGuard,
  ) {
    this.aws = awsApi(surroundings, guard);
    this.securityGroups = new LoadBalancerSecurityGroups(surroundings, guard);
  }

  /** @throws AwsError in AWS's words, NoSubnets. */
  deploy(model: LoadBalancerModel): Deployed {
    const balancer = this.findFitting(model) ?? this.createLoadBalancer(model);
    this.setAttributes('LoadBalancer', balancer.LoadBalancerArn, model.attributes);
    const targetGroups = new Map<string, string>();
    for (const group of model.targetGroups) targetGroups.set(group.key, this.ensureTargetGroup(model, group));
    this.securityGroups.openFor(model);
    this.ensureListeners(model, balancer.LoadBalancerArn, targetGroups);
    this.deleteSurplusTargetGroups(model);
    return { dnsName: balancer.DNSName, targetGroups };
  }

  /** Registers what is missing and deregisters what is too much. Targets on their way out are left alone. */
  setTargets(targetGroupArn: string, wanted: readonly Target[]): void {
    const health: { Target: { Id: string; Port: number }; TargetHealth: { State: string } }[] =
      this.aws.elb('DescribeTargetHealth', { TargetGroupArn: targetGroupArn }).TargetHealthDescriptions ?? [];
    const key = (id: string, port: number) => `${id}:${port}`;
    const registered = new Map(
      health
        .filter(({ TargetHealth }) => TargetHealth.State !== 'draining')
        .map(({ Target }) => [key(Target.Id, Target.Port), Target]),
    );
    const wantedKeys = new Set(wanted.map((target) => key(target.id, target.port)));
    const missing = wanted.filter((target) => !registered.has(key(target.id, target.port)));
    const surplus = [...registered].filter(([name]) => !wantedKeys.has(name)).map(([, target]) => target);
    if (missing.length > 0) {
      const Targets = missing.map(({ id, port }) => ({ Id: id, Port: port }));
      this.aws.elb('RegisterTargets', { TargetGroupArn: targetGroupArn, Targets });
    }
    if (surplus.length > 0) {
      const Targets = surplus.map(({ Id, Port }) => ({ Id, Port }));
      this.aws.elb('DeregisterTargets', { TargetGroupArn: targetGroupArn, Targets });
    }
  }

  /**
   * Removes everything of a stack: load balancer, target groups, security groups.
   * @throws AwsError DependencyViolation while the load balancer's network interfaces still hold its security group; try again.
   */
  remove(model: Pick<LoadBalancerModel, 'stack' | 'tagPrefix'>): void {
    const balancer = this.tryFindLoadBalancer(model);
    if (balancer) this.aws.elb('DeleteLoadBalancer', { LoadBalancerArn: balancer.LoadBalancerArn });
    for (const { TargetGroupArn } of this.targetGroupsOf(model)) this.aws.elb('DeleteTargetGroup', { TargetGroupArn });
    this.securityGroups.deleteManaged(model);
    if (this.ownLoadBalancers().length === 0) this.securityGroups.deleteShared();
  }

  /** What cannot be changed makes room for a new one. */
  private findFitting(model: LoadBalancerModel): LoadBalancer | undefined {
    const found = this.tryFindLoadBalancer(model);
    if (!found || (found.Scheme === model.scheme && found.Type === model.type)) return found;
    this.aws.elb('DeleteLoadBalancer', { LoadBalancerArn: found.LoadBalancerArn });
    return undefined;
  }

  private setAttributes(what: 'LoadBalancer' | 'TargetGroup', arn: string, attributes: Tags): void {
    if (Object.keys(attributes).length === 0) return;
    const Attributes = tagList(attributes);
    this.aws.elb(`Modify${what}Attributes`, { [`${what}Arn`]: arn, Attributes });
  }

  private createLoadBalancer(model: LoadBalancerModel) {
    const Subnets = model.subnets.length > 0 ? this.namedSubnets(model.subnets) : this.subnetsFor(model.scheme);
    const input = {
      Name: model.name,
      Type: model.type,
      Scheme: model.scheme,
      IpAddressType: 'ipv4',
      Subnets,
      SecurityGroups: this.securityGroups.ensure(model),
      Tags: tagList(stackTags(model, this.surroundings.clusterName, 'LoadBalancer')),
    };
    return this.aws.elb('CreateLoadBalancer', input).LoadBalancers[0] as LoadBalancer;
  }

  /** By id, or by the tag Name. */
  private namedSubnets(names: readonly string[]): string[] {
    const Filter = [{ Name: 'vpc-id', Value: [this.surroundings.vpcId] }];
    const all: { subnetId: string; tagSet?: readonly { key: string; value: string }[] }[] =
      this.aws.ec2('DescribeSubnets', { Filter }).subnetSet ?? [];
    return names.map((name) => {
      const isIt = (subnet: (typeof all)[number]) =>
        subnet.subnetId === name || subnet.tagSet?.some(({ key, value }) => key === 'Name' && value === name);
      const found = all.find(isIt);
      if (!found) throw new NoSubnets(`couldn't find all subnets, want: [${names.join(' ')}], found: []`);
      return found.subnetId;
    });
  }

  /** One subnet in each zone, found by the tag that says what it is for. */
  private subnetsFor(scheme: LoadBalancerModel['scheme']): string[] {
    const role = scheme === 'internet-facing' ? 'kubernetes.io/role/elb' : 'kubernetes.io/role/internal-elb';
    const Filter = [
      { Name: 'vpc-id', Value: [this.surroundings.vpcId] },
      { Name: 'tag-key', Value: [role] },
    ];
    const subnets: { subnetId: string; availabilityZone: string }[] =
      this.aws.ec2('DescribeSubnets', { Filter }).subnetSet ?? [];
    if (subnets.length === 0) {
      throw new NoSubnets(
        `couldn't auto-discover subnets: unable to resolve at least one subnet (0 match VPC and tags: [${role}])`,
      );
    }
    const byZone = new Map<string, string>();
    for (const subnet of subnets) {
      const chosen = byZone.get(subnet.availabilityZone);
      if (!chosen || subnet.subnetId < chosen) byZone.set(subnet.availabilityZone, subnet.subnetId);
    }
    return [...byZone.values()].sort();
  }

  private ensureTargetGroup(model: LoadBalancerModel, group: TargetGroupModel): string {
    const existing = this.targetGroupsOf(model).find((one) => one.TargetGroupName === group.name);
    if (existing) {
      this.setAttributes('TargetGroup', existing.TargetGroupArn, group.attributes);
      return existing.TargetGroupArn;
    }
    const { healthCheck } = group;
    const created = this.aws.elb('CreateTargetGroup', {
      Name: group.name,
      Protocol: group.protocol,
      // Every target is registered with a port of its own; this one only has to be there.
      Port: group.targetType === 'ip' ? 80 : 1,
      VpcId: this.surroundings.vpcId,
      TargetType: group.targetType,
      HealthCheckEnabled: true,
      HealthCheckProtocol: healthCheck.protocol,
      HealthCheckPort: healthCheck.port ?? 'traffic-port',
      ...(healthCheck.timeoutSeconds ? { HealthCheckTimeoutSeconds: healthCheck.timeoutSeconds } : {}),
      ...(healthCheck.path ? { HealthCheckPath: healthCheck.path } : {}),
      HealthCheckIntervalSeconds: healthCheck.intervalSeconds,
      HealthyThresholdCount: healthCheck.healthyThreshold,
      UnhealthyThresholdCount: healthCheck.unhealthyThreshold,
      Tags: tagList(stackTags(model, this.surroundings.clusterName, group.key)),
    });
    this.setAttributes('TargetGroup', created.TargetGroups[0].TargetGroupArn, group.attributes);
    return created.TargetGroups[0].TargetGroupArn;
  }

  private ensureListeners(model: LoadBalancerModel, arn: string, groups: ReadonlyMap<string, string>): void {
    const existing: Listener[] = this.aws.elb('DescribeListeners', { LoadBalancerArn: arn }).Listeners ?? [];
    for (const listener of existing) {
      if (model.listeners.some((wanted) => wanted.port === listener.Port)) continue;
      this.aws.elb('DeleteListener', { ListenerArn: listener.ListenerArn });
    }
    for (const wanted of model.listeners) {
      const found = existing.find((listener) => listener.Port === wanted.port);
      if (found) this.updateListener(found, wanted, groups);
      const listenerArn = found?.ListenerArn ?? this.createListener(wanted, arn, groups);
      if (model.type === 'application') this.ensureRules(listenerArn, wanted.rules, groups);
    }
  }

  private createListener(
    listener: ListenerModel,
    LoadBalancerArn: string,
    groups: ReadonlyMap<string, string>,
  ): string {
    const created = this.aws.elb('CreateListener', { LoadBalancerArn, ...listenerInput(listener, groups) });
    return created.Listeners[0].ListenerArn;
  }

  private updateListener(found: Listener, wanted: ListenerModel, groups: ReadonlyMap<string, string>): void {
    const next = listenerInput(wanted, groups);
    const isSame =
      found.Protocol === next.Protocol &&
      JSON.stringify(found.DefaultActions) === JSON.stringify(next.DefaultActions) &&
      JSON.stringify(found.Certificates ?? []) === JSON.stringify(next.Certificates ?? []);
    if (!isSame) this.aws.elb('ModifyListener', { ListenerArn: found.ListenerArn, ...next });
  }

  /** Rules are compared as a whole: when they differ, all are replaced, in the order of the Ingresses. */
  private ensureRules(ListenerArn: string, wanted: readonly RuleModel[], groups: ReadonlyMap<string, string>): void {
    const existing: Rule[] = this.aws.elb('DescribeRules', { ListenerArn }).Rules ?? [];
    const own = existing.filter((rule) => rule.Priority !== 'default');
    const next = wanted.map(({ conditions, action }, index) => ({
      Priority: String(index + 1),
      Conditions: conditions,
      Actions: [wireAction(action, groups)],
    }));
    const view = ({ Priority, Conditions, Actions }: Omit<Rule, 'RuleArn'>) => [Priority, Conditions, Actions];
    if (JSON.stringify(own.map(view)) === JSON.stringify(next.map(view))) return;
    for (const { RuleArn } of own) this.aws.elb('DeleteRule', { RuleArn });
    for (const rule of next) this.aws.elb('CreateRule', { ListenerArn, ...rule, Priority: Number(rule.Priority) });
  }

  private deleteSurplusTargetGroups(model: LoadBalancerModel): void {
    const wanted = new Set(model.targetGroups.map((group) => group.name));
    for (const { TargetGroupArn, TargetGroupName } of this.targetGroupsOf(model)) {
      if (!wanted.has(TargetGroupName)) this.aws.elb('DeleteTargetGroup', { TargetGroupArn });
    }
  }

  private tryFindLoadBalancer(model: Pick<LoadBalancerModel, 'stack' | 'tagPrefix'>): LoadBalancer | undefined {
    return this.ownLoadBalancers().find(({ tags }) => tags[`${model.tagPrefix}/stack`] === model.stack)?.resource;
  }

  private ownLoadBalancers() {
    const all: LoadBalancer[] = this.aws.elb('DescribeLoadBalancers').LoadBalancers ?? [];
    return this.withOwnTags(all, (one) => one.LoadBalancerArn);
  }

  private targetGroupsOf(model: Pick<LoadBalancerModel, 'stack' | 'tagPrefix'>): TargetGroup[] {
    const all: TargetGroup[] = this.aws.elb('DescribeTargetGroups').TargetGroups ?? [];
    return this.withOwnTags(all, (one) => one.TargetGroupArn)
      .filter(({ tags }) => tags[`${model.tagPrefix}/stack`] === model.stack)
      .map(({ resource }) => resource);
  }

  /** The resources of this cluster, with their tags. */
  private withOwnTags<T>(resources: readonly T[], arnOf: (resource: T) => string): { resource: T; tags: Tags }[] {
    return resources.flatMap((resource) => {
      const ResourceArns = [arnOf(resource)];
      const answer = unlessNotFound(() => this.aws.elb('DescribeTags', { ResourceArns }));
      const list: { Key: string; Value: string }[] = answer?.TagDescriptions?.[0]?.Tags ?? [];
      const tags = Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
      return tags['elbv2.k8s.aws/cluster'] === this.surroundings.clusterName ? [{ resource, tags }] : [];
    });
  }
}

interface LoadBalancer {
  readonly LoadBalancerArn: string;
  readonly DNSName: string;
  readonly Scheme: string;
  readonly Type: string;
}

interface TargetGroup {
  readonly TargetGroupArn: string;
  readonly TargetGroupName: string;
}

interface Listener {
  readonly ListenerArn: string;
  readonly Port: number;
  readonly Protocol: string;
  readonly DefaultActions?: unknown;
  readonly Certificates?: unknown;
}

interface Rule {
  readonly RuleArn: string;
  readonly Priority: string;
  readonly Conditions?: unknown;
  readonly Actions?: unknown;
}

function listenerInput(listener: ListenerModel, groups: ReadonlyMap<string, string>) {
  const Certificates = listener.certificates.map((CertificateArn) => ({ CertificateArn }));
  return {
    Port: listener.port,
    Protocol: listener.protocol,
    ...(Certificates.length > 0 ? { Certificates } : {}),
    ...(listener.sslPolicy ? { SslPolicy: listener.sslPolicy } : {}),
    DefaultActions: [wireAction(listener.defaultAction, groups)],
  };
}

/** An action as ELBv2's API takes it: target groups by their ARNs. */
function wireAction(action: ActionModel, arns: ReadonlyMap<string, string>) {
  if (action.Type !== 'forward') return action;
  const TargetGroups = action.groups.map(({ key, arn, weight }) => ({
    TargetGroupArn: arn ?? arns.get(key!)!,
    Weight: weight,
  }));
  const [only] = TargetGroups;
  return TargetGroups.length === 1
    ? { Type: 'forward', TargetGroupArn: only!.TargetGroupArn }
    : { Type: 'forward', ForwardConfig: { TargetGroups } };
}
