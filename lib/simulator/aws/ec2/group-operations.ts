/** EC2's operations on security groups, their rules, and network interfaces. */
import type { Call, Operations, WireObject } from '../service';
import { selectItems } from './filters';
import { createNetworkInterface, deleteNetworkInterface, type NetworkInterface } from './network-interfaces';
import {
  authorizeRule,
  createSecurityGroup,
  deleteSecurityGroup,
  revokeRule,
  revokeRuleById,
  rulesOfPermissions,
  type SecurityGroup,
  type SecurityGroupRule,
  wirePermissions,
} from './security-groups';
import { ec2Of, requestTags } from './state';

const DONE = { return: true };

export const groupOperations: Operations = {
  CreateSecurityGroup: (input, call) => {
    const { groupId, tagSet, securityGroupArn } = createSecurityGroup(call, input, requestTags(input));
    return { groupId, tagSet, securityGroupArn, ...DONE };
  },
  DeleteSecurityGroup: (input, call) => {
    deleteSecurityGroup(call, String(input.GroupId));
    return { ...DONE, groupId: input.GroupId };
  },
  DescribeSecurityGroups: (input, call) => ({
    securityGroupInfo: selectItems(ec2Of(call).securityGroups, input.GroupId, input, {
      description: (group) => [group.groupDescription],
      'ip-permission.group-id': (group) =>
        group.rules.flatMap((rule) => (rule.isEgress ? [] : (rule.referencedGroupId ?? []))),
    }).map((group) => wireGroup(call, group)),
  }),
  DescribeSecurityGroupRules: (input, call) => {
    const ids: string[] | undefined = input.SecurityGroupRuleId;
    const groups = selectItems(ec2Of(call).securityGroups, undefined, {
      Filter: (input.Filter ?? []).filter((filter: WireObject) => filter.Name === 'group-id'),
    });
    const rules = groups
      .flatMap((group) => group.rules)
      .filter((rule) => !ids || ids.includes(rule.securityGroupRuleId));
    return { securityGroupRuleSet: rules.map((rule) => wireRule(call, rule)) };
  },
  AuthorizeSecurityGroupIngress: (input, call) => authorize(input, call, false),
  AuthorizeSecurityGroupEgress: (input, call) => authorize(input, call, true),
  RevokeSecurityGroupIngress: (input, call) => revoke(input, call, false),
  RevokeSecurityGroupEgress: (input, call) => revoke(input, call, true),
  DescribeNetworkInterfaces: (input, call) => ({
    networkInterfaceSet: selectItems(ec2Of(call).networkInterfaces, input.NetworkInterfaceId, input, {
      'group-id': (item) => item.groupSet.map(({ groupId }) => groupId),
      'group-name': (item) => item.groupSet.map(({ groupName }) => groupName),
      'private-ip-address': (item) => [item.privateIpAddress],
      'addresses.private-ip-address': (item) => item.privateIpAddressesSet.map((each) => each.privateIpAddress),
      'attachment.instance-id': (item) => [item.attachment?.instanceId ?? []].flat(),
      'attachment.status': (item) => [item.attachment?.status ?? []].flat(),
      'association.public-ip': (item) => [item.association?.publicIp ?? []].flat(),
      'requester-managed': (item) => [item.requesterManaged],
    }),
  }),
  CreateNetworkInterface: (input, call) => ({
    networkInterface: createNetworkInterface(call, {
      subnetId: String(input.SubnetId),
      description: String(input.Description ?? ''),
      groupIds: input.SecurityGroupId,
      tagSet: requestTags(input),
    }),
  }),
  DeleteNetworkInterface: (input, call) => {
    deleteNetworkInterface(call, String(input.NetworkInterfaceId));
    return DONE;
  },
  DetachNetworkInterface: (input, call) => {
    const [item] = ec2Of(call).networkInterfaces.where(
      ({ attachment }) => attachment?.attachmentId === input.AttachmentId,
    );
    if (item) detach(item);
    return DONE;
  },
};

function detach(item: NetworkInterface): void {
  item.attachment = undefined;
  item.status = 'available';
}

function wireGroup(call: Call, group: SecurityGroup): WireObject {
  const { rules, ...members } = group;
  return {
    ...members,
    ipPermissions: wirePermissions(
      call,
      rules.filter((rule) => !rule.isEgress),
    ),
    ipPermissionsEgress: wirePermissions(
      call,
      rules.filter((rule) => rule.isEgress),
    ),
  };
}

function wireRule(call: Call, rule: SecurityGroupRule): WireObject {
  const { referencedGroupId, ...members } = rule;
  const userId = call.account.accountId;
  return {
    ...members,
    groupOwnerId: userId,
    referencedGroupInfo: referencedGroupId && { groupId: referencedGroupId, userId },
  };
}

function authorize(input: WireObject, call: Call, isEgress: boolean): WireObject {
  const rules = rulesOfPermissions(permissionsOf(input), isEgress).map((rule) =>
    authorizeRule(call, String(input.GroupId), rule),
  );
  return { ...DONE, securityGroupRuleSet: rules.map((rule) => wireRule(call, rule)) };
}

function revoke(input: WireObject, call: Call, isEgress: boolean): WireObject {
  for (const id of input.SecurityGroupRuleId ?? []) revokeRuleById(call, id);
  for (const rule of rulesOfPermissions(permissionsOf(input), isEgress)) revokeRule(call, String(input.GroupId), rule);
  return DONE;
}

/** A permission may also be written as members of the request itself. */
function permissionsOf(input: WireObject): WireObject[] {
  if (input.IpPermissions || !input.IpProtocol) return input.IpPermissions ?? [];
  return [{ ...input, IpRanges: input.CidrIp ? [{ CidrIp: input.CidrIp }] : [] }];
}
