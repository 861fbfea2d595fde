/**
 * The security groups around a load balancer: one of its own, which lets clients in, and one that all load balancers of
 * the cluster share, which the nodes' group lets in.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/security_groups/
 *
 * The rule on the nodes' group is the reason why deleting a leftover group by hand fails with DependencyViolation.
 */
import { createHash } from 'node:crypto';
import { type AwsApi, type AwsGuard, awsApi, type ClusterSurroundings, tagList } from './aws-api';
import { type LoadBalancerModel, stackTags, type Tags } from './load-balancer-model';

const SHARED_RULE = 'elbv2.k8s.aws/targetGroupBinding=shared';

interface SecurityGroup {
  readonly groupId: string;
  readonly ipPermissions?: readonly IpPermission[];
}

interface IpPermission {
  readonly fromPort?: number;
  readonly groups?: readonly { readonly groupId?: string }[];
}

export class LoadBalancerSecurityGroups {
  private readonly aws: AwsApi;

  constructor(
    private readonly surroundings: ClusterSurroundings,
    guard?: AwsGuard,
  ) {
    this.aws = awsApi(surroundings, guard);
  }

  /** Makes sure of both groups and their rules; returns their ids. */
  ensure(model: LoadBalancerModel): string[] {
    if (model.securityGroups.length > 0) return [...model.securityGroups];
    const managed = this.findManaged(model) ?? this.createManaged(model);
    this.openPorts(managed, model);
    const shared = this.findShared() ?? this.createShared();
    this.letIn(shared.groupId);
    return [managed.groupId, shared.groupId];
  }

  /** Lets clients in to ports that were added since. */
  openFor(model: LoadBalancerModel): void {
    const managed = this.findManaged(model);
    if (managed) this.openPorts(managed, model);
  }

  /** Removes the group of one load balancer. @throws AwsError DependencyViolation while an interface uses it. */
  deleteManaged(model: Pick<LoadBalancerModel, 'stack' | 'tagPrefix'>): void {
    const group = this.findManaged(model);
    if (group) this.aws.ec2('DeleteSecurityGroup', { GroupId: group.groupId });
  }

  /** Removes the shared group and its rule; to be called when the last load balancer is gone. */
  deleteShared(): void {
    const shared = this.findShared();
    if (!shared) return;
    const rule = this.sharedRule(shared.groupId);
    const { clusterSecurityGroupId } = this.surroundings;
    if (this.hasRuleFor(shared.groupId)) {
      this.aws.ec2('RevokeSecurityGroupIngress', { GroupId: clusterSecurityGroupId, IpPermissions: [rule] });
    }
    this.aws.ec2('DeleteSecurityGroup', { GroupId: shared.groupId });
  }

  private findManaged({ stack, tagPrefix }: Pick<LoadBalancerModel, 'stack' | 'tagPrefix'>): SecurityGroup | undefined {
    return this.findByTags({ [`${tagPrefix}/stack`]: stack, [`${tagPrefix}/resource`]: 'ManagedLBSecurityGroup' });
  }

  private findShared(): SecurityGroup | undefined {
    return this.findByTags({ 'elbv2.k8s.aws/resource': 'backend-sg' });
  }

  private findByTags(tags: Tags): SecurityGroup | undefined {
    const { clusterName, vpcId } = this.surroundings;
    const wanted = { 'elbv2.k8s.aws/cluster': clusterName, ...tags };
    const Filter = [
      { Name: 'vpc-id', Value: [vpcId] },
      ...Object.entries(wanted).map(([key, value]) => ({ Name: `tag:${key}`, Value: [value] })),
    ];
    return this.aws.ec2('DescribeSecurityGroups', { Filter }).securityGroupInfo?.[0];
  }

  private createManaged(model: LoadBalancerModel): SecurityGroup {
    const tags = stackTags(model, this.surroundings.clusterName, 'ManagedLBSecurityGroup');
    return this.create(model.name, '[k8s] Managed SecurityGroup for LoadBalancer', tags);
  }

  private createShared(): SecurityGroup {
    const { clusterName } = this.surroundings;
    const hash = createHash('sha256').update(clusterName).digest('hex').slice(0, 10);
    const name = `k8s-traffic-${clusterName.replace(/[^a-zA-Z0-9]/g, '')}-${hash}`;
    const tags = { 'elbv2.k8s.aws/cluster': clusterName, 'elbv2.k8s.aws/resource': 'backend-sg' };
    return this.create(name, '[k8s] Shared Backend SecurityGroup for LoadBalancer', tags);
  }

  private create(GroupName: string, GroupDescription: string, tags: Tags): SecurityGroup {
    const { vpcId: VpcId } = this.surroundings;
    const TagSpecification = [{ ResourceType: 'security-group', Tag: tagList(tags) }];
    return this.aws.ec2('CreateSecurityGroup', { GroupName, GroupDescription, VpcId, TagSpecification });
  }

  private openPorts(group: SecurityGroup, { openPorts, inboundCidrs }: LoadBalancerModel): void {
    const IpRanges = (inboundCidrs.length > 0 ? inboundCidrs : ['0.0.0.0/0']).map((CidrIp) => ({ CidrIp }));
    const open = new Set((group.ipPermissions ?? []).map((permission) => permission.fromPort));
    const IpPermissions = [...new Set(openPorts)]
      .filter((port) => !open.has(port))
      .map((port) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges }));
    if (IpPermissions.length === 0) return;
    this.aws.ec2('AuthorizeSecurityGroupIngress', { GroupId: group.groupId, IpPermissions });
  }

  private letIn(sharedGroupId: string): void {
    if (this.hasRuleFor(sharedGroupId)) return;
    const { clusterSecurityGroupId: GroupId } = this.surroundings;
    this.aws.ec2('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [this.sharedRule(sharedGroupId)] });
  }

  private hasRuleFor(sharedGroupId: string): boolean {
    const GroupId = [this.surroundings.clusterSecurityGroupId];
    const group: SecurityGroup | undefined = this.aws.ec2('DescribeSecurityGroups', { GroupId }).securityGroupInfo?.[0];
    return (group?.ipPermissions ?? []).some((permission) =>
      permission.groups?.some((pair) => pair.groupId === sharedGroupId),
    );
  }

  private sharedRule(GroupId: string) {
    const Groups = [{ GroupId, Description: SHARED_RULE }];
    return { IpProtocol: 'tcp', FromPort: 0, ToPort: 65535, Groups };
  }
}
