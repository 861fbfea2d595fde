/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html */
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { findTopic } from '../sns/service';

function setPolicy({ Topics, PolicyDocument }: Properties, request: ResourceRequest): void {
  for (const arn of Topics) {
    const topic = findTopic(request, arn);
    topic.attributes = { ...topic.attributes, Policy: JSON.stringify(PolicyDocument) };
  }
}

export const topicPolicy: ResourceType = {
  typeName: 'AWS::SNS::TopicPolicy',
  create: (properties, request) => {
    setPolicy(properties, request);
    return request.generatedName(128);
  },
  update: (_id, properties, request) => setPolicy(properties, request),
  delete: (_id, request, { Topics }) => {
    for (const arn of Topics) {
      const topic = findTopic(request, arn);
      const { Policy: _, ...rest } = topic.attributes;
      topic.attributes = rest;
    }
  },
  attributes: { Id: (id) => id },
};
