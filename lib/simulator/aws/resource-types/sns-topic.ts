/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html */
import type { Properties, ResourceType } from '../cloudformation/resource-type';
import { createTopic, deleteTopic, findTopic, subscribe } from '../sns/service';

function attributesOf({ DisplayName, KmsMasterKeyId }: Properties): Record<string, string> {
  return { ...(DisplayName ? { DisplayName } : {}), ...(KmsMasterKeyId ? { KmsMasterKeyId } : {}) };
}

/** The physical id is the ARN. */
export const topic: ResourceType = {
  typeName: 'AWS::SNS::Topic',
  create: (properties, request) => {
    const name = String(properties.TopicName ?? request.generatedName(256));
    const { TopicArn } = createTopic(request, name, attributesOf(properties), request.tags(properties.Tags));
    for (const subscription of properties.Subscription ?? []) subscribe(request, { ...subscription, TopicArn });
    return TopicArn;
  },
  update: (arn, properties, request) => {
    const item = findTopic(request, arn);
    item.attributes = attributesOf(properties);
    item.tags = request.tags(properties.Tags);
  },
  delete: (arn, request) => deleteTopic(request, arn),
  attributes: { TopicArn: (arn) => arn, TopicName: (arn) => arn.split(':').pop() },
};
