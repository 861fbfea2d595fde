/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { snsOf, subscribe } from '../sns/service';

export const subscription: ResourceType = {
  typeName: 'AWS::SNS::Subscription',
  create: (properties, request) => subscribe(request, properties).SubscriptionArn,
  update: (arn, { RawMessageDelivery }, request) => {
    const item = snsOf(request).subscriptions.get(arn);
    if (item) item.raw = String(RawMessageDelivery) === 'true';
  },
  delete: (arn, request) => {
    snsOf(request).subscriptions.delete(arn);
  },
  attributes: { Arn: (arn) => arn },
};
