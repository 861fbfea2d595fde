/**
 * Security groups and their rules. A rule may name another group; then that group cannot go before the rule.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
 */
import { AwsError } from '../aws-error';
import type { Scope, WireObject } from '../service';
import { dependencyViolation, type Ec2Tag, ec2Of, type Tagged } from './state';

export interface SecurityGroup extends Tagged {
  readonly groupId: string;
  readonly groupName: string;
  readonly groupDescription: string;
  readonly vpcId: string;
  readonly ownerId: string;
  readonly securityGroupArn: string;
  rules: SecurityGroupRule[];
}

export interface SecurityGroupRule {
  readonly securityGroupRuleId: string;
  readonly groupId: string;
  readonly isEgress: boolean;
  readonly ipProtocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly cidrIpv4?: string;
  readonly cidrIpv6?: string;
  readonly prefixListId?: string;
  /** The other group. */
  readonly referencedGroupId?: string;
  readonly description?: string;
}

/** One rule as it is wanted, with one peer. */
export interface RuleInput {
  readonly isEgress: boolean;
  readonly ipProtocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly cidrIpv4?: string;
  readonly cidrIpv6?: string;
  readonly prefixListId?: string;
  readonly referencedGroupId?: string;
  readonly description?: string;
}

export function createSecurityGroup(scope: Scope, input: WireObject, tagSet: Ec2Tag[]): SecurityGroup {
  const ec2 = ec2Of(scope);
  const vpcId = ec2.vpcs.find(String(input.VpcId)).vpcId;
  const groupName = String(input.GroupName);
  if (ec2.securityGroups.where((other) => other.vpcId === vpcId && other.groupName === groupName).length > 0) {
    const message = `The security group '${groupName}' already exists for VPC '${vpcId}'`;
    throw new AwsError('InvalidGroup.Duplicate', message);
  }
  scope.account.faults.checkQuota('L-E79EC296', ec2.securityGroups.size);
  const groupId = ec2.id('sg');
  const group: SecurityGroup = {
    groupId,
    groupName,
    groupDescription: String(input.GroupDescription ?? input.Description ?? ''),
    vpcId,
    ownerId: scope.account.accountId,
    securityGroupArn: `arn:aws:ec2:${scope.region}:${scope.account.accountId}:security-group/${groupId}`,
    rules: [],
    tagSet,
  };
  ec2.securityGroups.set(groupId, group);
  authorizeRule(scope, groupId, { isEgress: true, ipProtocol: '-1', cidrIpv4: '0.0.0.0/0' });
  return group;
}

export function deleteSecurityGroup(scope: Scope, groupId: string): void {
  const ec2 = ec2Of(scope);
  const group = ec2.securityGroups.find(groupId);
  if (group.groupName === 'default') {
    const message = `the specified group: "${groupId}" name: "default" cannot be deleted by a user`;
    throw new AwsError('CannotDelete', message);
  }
  const isUsed =
    ec2.networkInterfaces.where(({ groupSet }) => groupSet.some((item) => item.groupId === groupId)).length > 0 ||
    ec2.securityGroups.where(
      (other) => other !== group && other.rules.some((rule) => rule.referencedGroupId === groupId),
    ).length > 0;
  if (isUsed) throw dependencyViolation(`resource ${groupId} has a dependent object`);
  ec2.securityGroups.delete(groupId);
}

/** Adds a rule. @throws InvalidPermission.Duplicate when it is there. */
export function authorizeRule(scope: Scope, groupId: string, input: RuleInput): SecurityGroupRule {
  const ec2 = ec2Of(scope);
  const group = ec2.securityGroups.find(groupId);
  if (input.referencedGroupId) ec2.securityGroups.find(input.referencedGroupId);
  if (group.rules.some((rule) => sameRule(rule, input))) {
    const peer = input.cidrIpv4 ?? input.cidrIpv6 ?? input.prefixListId ?? input.referencedGroupId;
    const message = `the specified rule "peer: ${peer}, ${input.ipProtocol === '-1' ? 'ALL' : input.ipProtocol.toUpperCase()}, from port: ${input.fromPort}, to port: ${input.toPort}, ALLOW" already exists`;
    throw new AwsError('InvalidPermission.Duplicate', message);
  }
  const rule: SecurityGroupRule = { securityGroupRuleId: ec2.id('sgr'), groupId, ...input };
  group.rules.push(rule);
  return rule;
}

/** Removes a rule, by what it says. */
export function revokeRule(scope: Scope, groupId: string, input: RuleInput): void {
  const group = ec2Of(scope).securityGroups.find(groupId);
  const kept = group.rules.filter((rule) => !sameRule(rule, input));
  if (kept.length === group.rules.length) {
    throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
  }
  group.rules = kept;
}

export function revokeRuleById(scope: Scope, ruleId: string): void {
  for (const group of ec2Of(scope).securityGroups.values()) {
    const kept = group.rules.filter((rule) => rule.securityGroupRuleId !== ruleId);
    if (kept.length === group.rules.length) continue;
    group.rules = kept;
    return;
  }
  throw new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${ruleId}' does not exist`);
}

function sameRule(a: RuleInput, b: RuleInput): boolean {
  return (
    a.isEgress === b.isEgress &&
    a.ipProtocol === b.ipProtocol &&
    (a.ipProtocol === '-1' || (a.fromPort === b.fromPort && a.toPort === b.toPort)) &&
    a.cidrIpv4 === b.cidrIpv4 &&
    a.cidrIpv6 === b.cidrIpv6 &&
    a.prefixListId === b.prefixListId &&
    a.referencedGroupId === b.referencedGroupId
  );
}

/** `IpPermissions` of a request: each may name several peers; each peer is one rule. */
export function rulesOfPermissions(permissions: readonly WireObject[], isEgress: boolean): RuleInput[] {
  return permissions.flatMap((permission) => {
    const common = { isEgress, ...portsOf(permission) };
    const peers: WireObject[] = [
      ...(permission.IpRanges ?? []).map((item: WireObject) => ({
        cidrIpv4: item.CidrIp,
        description: item.Description,
      })),
      ...(permission.Ipv6Ranges ?? []).map((item: WireObject) => ({
        cidrIpv6: item.CidrIpv6,
        description: item.Description,
      })),
      ...(permission.PrefixListIds ?? []).map((item: WireObject) => ({
        prefixListId: item.PrefixListId,
        description: item.Description,
      })),
      // Groups is the name in the query, UserIdGroupPairs the name in the SDKs.
      ...(permission.Groups ?? permission.UserIdGroupPairs ?? []).map((item: WireObject) => ({
        referencedGroupId: item.GroupId,
        description: item.Description,
      })),
    ];
    return peers.map((peer) => ({ ...common, ...peer }));
  });
}

export function portsOf(input: WireObject): { ipProtocol: string; fromPort?: number; toPort?: number } {
  const ipProtocol = String(input.IpProtocol);
  if (ipProtocol === '-1') return { ipProtocol };
  return { ipProtocol, fromPort: Number(input.FromPort), toPort: Number(input.ToPort) };
}

/** The rules as `ipPermissions`: one entry per protocol and ports. */
export function wirePermissions(scope: Scope, rules: readonly SecurityGroupRule[]): WireObject[] {
  const groups = new Map<string, SecurityGroupRule[]>();
  for (const rule of rules) {
    const key = `${rule.ipProtocol}/${rule.fromPort}/${rule.toPort}`;
    groups.set(key, [...(groups.get(key) ?? []), rule]);
  }
  return [...groups.values()].map((same) => ({
    ipProtocol: same[0]!.ipProtocol,
    fromPort: same[0]!.fromPort,
    toPort: same[0]!.toPort,
    ipRanges: same
      .filter((rule) => rule.cidrIpv4)
      .map(({ cidrIpv4, description }) => ({ cidrIp: cidrIpv4, description })),
    ipv6Ranges: same.filter((rule) => rule.cidrIpv6).map(({ cidrIpv6, description }) => ({ cidrIpv6, description })),
    prefixListIds: same
      .filter((rule) => rule.prefixListId)
      .map(({ prefixListId, description }) => ({ prefixListId, description })),
    groups: same
      .filter((rule) => rule.referencedGroupId)
      .map(({ referencedGroupId, description }) => ({
        groupId: referencedGroupId,
        userId: scope.account.accountId,
        description,
      })),
  }));
}
