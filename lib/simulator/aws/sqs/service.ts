/** SQS's API. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html */
import { jsonProtocol } from '../http/json-protocol';
import type { Scope, Service, WireObject } from '../service';
import {
  createQueue,
  deleteMessage,
  findQueue,
  md5,
  type Queue,
  queuesOf,
  receiveMessages,
  sendMessage,
  visibleCount,
} from './state';

export const sqs: Service = {
  name: 'Sqs',
  signingName: 'sqs',
  protocol: jsonProtocol,
  operations: {
    CreateQueue: (input, call) => ({
      QueueUrl: createQueue(call, String(input.QueueName), input.Attributes ?? {}, input.tags ?? {}).url,
    }),
    DeleteQueue: ({ QueueUrl }, call) => {
      queuesOf(call).delete(findQueue(call, QueueUrl).name);
      return {};
    },
    ListQueues: ({ QueueNamePrefix = '' }, call) => ({
      QueueUrls: [...queuesOf(call).values()]
        .filter(({ name }) => name.startsWith(QueueNamePrefix))
        .map(({ url }) => url),
    }),
    GetQueueUrl: ({ QueueName }, call) => ({ QueueUrl: findQueue(call, QueueName).url }),
    GetQueueAttributes: ({ QueueUrl, AttributeNames = [] }, call) => {
      const all = attributesOf(call, findQueue(call, QueueUrl));
      const wanted = new Set<string>(AttributeNames);
      return {
        Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => wanted.has('All') || wanted.has(name))),
      };
    },
    SetQueueAttributes: ({ QueueUrl, Attributes }, call) => {
      const queue = findQueue(call, QueueUrl);
      queue.attributes = { ...queue.attributes, ...Attributes };
      return {};
    },
    SendMessage: ({ QueueUrl, MessageBody, DelaySeconds }, call) => {
      const message = sendMessage(call, findQueue(call, QueueUrl), String(MessageBody), DelaySeconds);
      return { MessageId: message.id, MD5OfMessageBody: md5(message.body) };
    },
    ReceiveMessage: ({ QueueUrl, MaxNumberOfMessages = 1, VisibilityTimeout }, call) => ({
      Messages: receiveMessages(call, findQueue(call, QueueUrl), Number(MaxNumberOfMessages), VisibilityTimeout).map(
        ({ id, body, receiptHandle, sentAt, receiveCount }) => ({
          MessageId: id,
          ReceiptHandle: receiptHandle,
          Body: body,
          MD5OfBody: md5(body),
          Attributes: { SentTimestamp: String(sentAt), ApproximateReceiveCount: String(receiveCount) },
        }),
      ),
    }),
    DeleteMessage: ({ QueueUrl, ReceiptHandle }, call) => {
      deleteMessage(findQueue(call, QueueUrl), ReceiptHandle);
      return {};
    },
    PurgeQueue: ({ QueueUrl }, call) => {
      findQueue(call, QueueUrl).messages = [];
      return {};
    },
    ListQueueTags: ({ QueueUrl }, call) => ({ Tags: findQueue(call, QueueUrl).tags }),
  },
};

function attributesOf(scope: Scope, queue: Queue): WireObject {
  const visible = visibleCount(scope, queue);
  const seconds = String(Math.floor(queue.createdAt / 1000));
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(queue.messages.length - visible),
    CreatedTimestamp: seconds,
    LastModifiedTimestamp: seconds,
    ...queue.attributes,
  };
}
