/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html */
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { findQueue } from '../sqs/state';

function setPolicy({ Queues, PolicyDocument }: Properties, request: ResourceRequest): void {
  for (const url of Queues) {
    const queue = findQueue(request, url);
    queue.attributes = { ...queue.attributes, Policy: JSON.stringify(PolicyDocument) };
  }
}

export const queuePolicy: ResourceType = {
  typeName: 'AWS::SQS::QueuePolicy',
  create: (properties, request) => {
    setPolicy(properties, request);
    return request.generatedName(128);
  },
  update: (_id, properties, request) => setPolicy(properties, request),
  delete: (_id, request, { Queues }) => {
    for (const url of Queues) {
      const queue = findQueue(request, url);
      const { Policy: _, ...rest } = queue.attributes;
      queue.attributes = rest;
    }
  },
  attributes: { Id: (id) => id },
};
