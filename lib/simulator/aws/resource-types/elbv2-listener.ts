/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listener.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createListener, deleteListener, modifyListener } from '../elbv2/listeners';

export const listener: ResourceType = {
  typeName: 'AWS::ElasticLoadBalancingV2::Listener',
  create: (properties, request) => createListener(request, properties).ListenerArn,
  update: (arn, properties, request) => {
    modifyListener(request, { ...properties, ListenerArn: arn });
  },
  delete: (arn, request) => deleteListener(request, arn),
  attributes: { ListenerArn: (arn) => arn },
};
