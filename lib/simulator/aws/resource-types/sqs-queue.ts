/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html */
import type { Properties, ResourceType } from '../cloudformation/resource-type';
import { createQueue, findQueue, QUEUE_DEFAULTS, queuesOf } from '../sqs/state';
import { tagsToMap } from '../tags';

/** Attributes are texts; policies among them are JSON. */
function attributesOf({ QueueName: _, Tags: __, ...attributes }: Properties): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );
}

/** The physical id is the queue's address. */
export const queue: ResourceType = {
  typeName: 'AWS::SQS::Queue',
  latencies: { create: 60_000, delete: 60_000 },
  create: (properties, request) => {
    const suffix = String(properties.FifoQueue) === 'true' ? '.fifo' : '';
    const name = String(properties.QueueName ?? `${request.generatedName(80 - suffix.length)}${suffix}`);
    return createQueue(request, name, attributesOf(properties), tagsToMap(request.tags(properties.Tags))).url;
  },
  update: (url, properties, request) => {
    const item = findQueue(request, url);
    const { Policy } = item.attributes;
    item.attributes = { ...QUEUE_DEFAULTS, ...attributesOf(properties), ...(Policy ? { Policy } : {}) };
    item.tags = tagsToMap(request.tags(properties.Tags));
  },
  delete: (url, request) => {
    queuesOf(request).delete(findQueue(request, url).name);
  },
  attributes: {
    Arn: (url, request) => findQueue(request, url).arn,
    QueueName: (url, request) => findQueue(request, url).name,
    QueueUrl: (url) => url,
  },
  read: (url, request) => {
    const { name, attributes } = findQueue(request, url);
    return { QueueName: name, ...attributes };
  },
};
