/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenerrule.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createRule, deleteRule, modifyRule } from '../elbv2/listeners';

export const listenerRule: ResourceType = {
  typeName: 'AWS::ElasticLoadBalancingV2::ListenerRule',
  required: ['ListenerArn'],
  create: (properties, request) => createRule(request, properties).RuleArn,
  update: (arn, properties, request) => {
    modifyRule(request, { ...properties, RuleArn: arn });
  },
  delete: (arn, request) => deleteRule(request, arn),
  attributes: { RuleArn: (arn) => arn, IsDefault: () => false },
};
