/**
 * Simple Queue Service: messages wait until somebody receives and deletes them. What was received is hidden for the visibility
 * timeout; what is not deleted in that time comes back.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/welcome.html
 *
 * Left out: FIFO order and deduplication, dead-letter queues (recorded, nothing is moved), long polling (answers at once).
 */
import { createHash } from 'node:crypto';
import { AwsError } from '../aws-error';
import { regionalState, type Scope } from '../service';
import type { TagMap } from '../tags';

export interface Queue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly createdAt: number;
  /** As GetQueueAttributes gives them: `VisibilityTimeout`, `Policy`, ... */
  attributes: Readonly<Record<string, string>>;
  tags: TagMap;
  messages: Message[];
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  receiptHandle?: string;
  receiveCount: number;
  /** Virtual milliseconds since 1970. */
  visibleAt: number;
}

export const queuesOf = regionalState('sqs', () => new Map<string, Queue>());

export const QUEUE_DEFAULTS: Readonly<Record<string, string>> = {
  VisibilityTimeout: '30',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  DelaySeconds: '0',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
};

export function createQueue(
  scope: Scope,
  name: string,
  attributes: Readonly<Record<string, string>>,
  tags: TagMap,
): Queue {
  const queues = queuesOf(scope);
  const { accountId } = scope.account;
  const existing = queues.get(name);
  if (existing) {
    const other = Object.entries(attributes).find(([key, value]) => existing.attributes[key] !== value);
    if (!other) return existing;
    throw new AwsError(
      'QueueAlreadyExists',
      `A queue already exists with the same name and a different value for attribute ${other[0]}`,
    );
  }
  const queue: Queue = {
    name,
    url: `https://sqs.${scope.region}.amazonaws.com/${accountId}/${name}`,
    arn: `arn:aws:sqs:${scope.region}:${accountId}:${name}`,
    createdAt: scope.account.now,
    attributes: { ...QUEUE_DEFAULTS, ...attributes },
    tags,
    messages: [],
  };
  queues.set(name, queue);
  return queue;
}

/** By address or by name. */
export function findQueue(scope: Scope, urlOrName: string): Queue {
  const queue = queuesOf(scope).get(urlOrName.split('/').pop()!);
  if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}

export function tryQueueByArn(scope: Scope, arn: string): Queue | undefined {
  return [...queuesOf(scope).values()].find((queue) => queue.arn === arn);
}

export function sendMessage(scope: Scope, queue: Queue, body: string, delaySeconds?: number): Message {
  const random = scope.account.stateOf('sqs/ids', () => scope.account.random('sqs'));
  const { now } = scope.account;
  const delay = (delaySeconds ?? Number(queue.attributes.DelaySeconds)) * 1000;
  const message: Message = { id: random.uuid(), body, sentAt: now, receiveCount: 0, visibleAt: now + delay };
  queue.messages.push(message);
  return message;
}

export function receiveMessages(scope: Scope, queue: Queue, limit: number, visibilitySeconds?: number): Message[] {
  const { now } = scope.account;
  const random = scope.account.stateOf('sqs/ids', () => scope.account.random('sqs'));
  expire(queue, now);
  const hidden = visibilitySeconds ?? Number(queue.attributes.VisibilityTimeout);
  const received = queue.messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, limit);
  for (const message of received) {
    message.receiveCount++;
    message.visibleAt = now + hidden * 1000;
    message.receiptHandle = random.hex(64);
  }
  return received;
}

export function deleteMessage(queue: Queue, receiptHandle: string): void {
  queue.messages = queue.messages.filter((message) => message.receiptHandle !== receiptHandle);
}

export function visibleCount(scope: Scope, queue: Queue): number {
  expire(queue, scope.account.now);
  return queue.messages.filter(({ visibleAt }) => visibleAt <= scope.account.now).length;
}

function expire(queue: Queue, now: number): void {
  const limit = now - Number(queue.attributes.MessageRetentionPeriod) * 1000;
  queue.messages = queue.messages.filter(({ sentAt }) => sentAt >= limit);
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
