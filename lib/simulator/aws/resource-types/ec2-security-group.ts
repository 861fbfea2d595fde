/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html */
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import {
  authorizeRule,
  createSecurityGroup,
  deleteSecurityGroup,
  type RuleInput,
  revokeRule,
} from '../ec2/security-groups';
import { ec2Of } from '../ec2/state';
import { LATENCY } from '../latencies';
import { ruleOf } from './ec2-security-group-rule';
import { tagsAtBirth, updateTags } from './ec2-tags';

const OPEN: RuleInput = { isEgress: true, ipProtocol: '-1', cidrIpv4: '0.0.0.0/0' };

/** The inline rules. A group that names no egress rule keeps the one that lets everything out. */
function inlineRules(properties: Properties): RuleInput[] {
  const egress: Properties[] | undefined = properties.SecurityGroupEgress;
  return [
    ...(properties.SecurityGroupIngress ?? []).map((rule: Properties) => ruleOf(rule, false)),
    ...(egress ? egress.map((rule) => ruleOf(rule, true)) : [OPEN]),
  ];
}

function replaceRules(id: string, before: readonly RuleInput[], after: readonly RuleInput[], request: ResourceRequest) {
  const key = (rule: RuleInput) => JSON.stringify(rule);
  const wanted = new Set(after.map(key));
  const present = new Set(before.map(key));
  for (const rule of before) if (!wanted.has(key(rule))) revokeRule(request, id, rule);
  for (const rule of after) if (!present.has(key(rule))) authorizeRule(request, id, rule);
}

export const securityGroup: ResourceType = {
  typeName: 'AWS::EC2::SecurityGroup',
  latencies: { create: LATENCY.securityGroup.create, deletePatience: LATENCY.patience.network },
  create: (properties, request) => {
    const GroupName = properties.GroupName ?? request.generatedName(255);
    const { groupId } = createSecurityGroup(request, { ...properties, GroupName }, tagsAtBirth(properties, request));
    replaceRules(groupId, [OPEN], inlineRules(properties), request);
    return groupId;
  },
  update: (id, properties, request, previous) => {
    replaceRules(id, inlineRules(previous), inlineRules(properties), request);
    updateTags(id, properties, request, previous);
  },
  delete: (id, request) => deleteSecurityGroup(request, id),
  attributes: {
    GroupId: (id) => id,
    Id: (id) => id,
    VpcId: (id, request) => ec2Of(request).securityGroups.find(id).vpcId,
  },
  read: (id, request) => {
    const { groupDescription, vpcId } = ec2Of(request).securityGroups.find(id);
    return { GroupDescription: groupDescription, VpcId: vpcId };
  },
};
