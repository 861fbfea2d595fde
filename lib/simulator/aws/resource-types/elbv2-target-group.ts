/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html */
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { elbOf } from '../elbv2/state';
import { createTargetGroup, deleteTargetGroup, modifyTargetGroup, registerTargets } from '../elbv2/target-groups';

const find = (arn: string, request: ResourceRequest) => elbOf(request).findTargetGroup(arn);

function setAttributes(arn: string, properties: Properties, request: ResourceRequest): void {
  for (const { Key, Value } of properties.TargetGroupAttributes ?? []) {
    find(arn, request).attributes.set(Key, String(Value));
  }
}

export const targetGroup: ResourceType = {
  typeName: 'AWS::ElasticLoadBalancingV2::TargetGroup',
  create: (properties, request) => {
    const Name = properties.Name ?? request.generatedName(32);
    const arn = createTargetGroup(request, { ...properties, Name, Tags: request.tags(properties.Tags) }).TargetGroupArn;
    setAttributes(arn, properties, request);
    if (properties.Targets?.length) registerTargets(request, arn, properties.Targets);
    return arn;
  },
  update: (arn, properties, request) => {
    const group = modifyTargetGroup(request, { ...properties, TargetGroupArn: arn });
    group.tags = request.tags(properties.Tags);
    setAttributes(arn, properties, request);
  },
  delete: (arn, request) => deleteTargetGroup(request, arn),
  attributes: {
    TargetGroupArn: (arn) => arn,
    TargetGroupName: (arn, request) => find(arn, request).TargetGroupName,
    TargetGroupFullName: (arn) => arn.split(':').pop(),
    LoadBalancerArns: (arn, request) =>
      elbOf(request)
        .usersOf(arn)
        .map((balancer) => balancer.LoadBalancerArn),
  },
};
