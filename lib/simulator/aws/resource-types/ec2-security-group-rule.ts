/**
 * Rules as resources of their own.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html
 */
import type { Properties, ResourceType } from '../cloudformation/resource-type';
import { authorizeRule, portsOf, type RuleInput, revokeRuleById } from '../ec2/security-groups';

/** A rule of a template, inline or not. */
export function ruleOf(properties: Properties, isEgress: boolean): RuleInput {
  return {
    isEgress,
    ...portsOf(properties),
    cidrIpv4: properties.CidrIp,
    cidrIpv6: properties.CidrIpv6,
    prefixListId: isEgress ? properties.DestinationPrefixListId : properties.SourcePrefixListId,
    referencedGroupId: isEgress ? properties.DestinationSecurityGroupId : properties.SourceSecurityGroupId,
    description: properties.Description,
  };
}

function ruleType(isEgress: boolean): ResourceType {
  return {
    typeName: `AWS::EC2::SecurityGroup${isEgress ? 'Egress' : 'Ingress'}`,
    required: ['GroupId'],
    create: (properties, request) =>
      authorizeRule(request, String(properties.GroupId), ruleOf(properties, isEgress)).securityGroupRuleId,
    update: () => {},
    delete: (id, request) => revokeRuleById(request, id),
    attributes: { Id: (id) => id },
  };
}

export const securityGroupIngress = ruleType(false);
export const securityGroupEgress = ruleType(true);
