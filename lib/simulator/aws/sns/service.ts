/**
 * Simple Notification Service: what is published to a topic goes to the queues that subscribe to it.
 * https://docs.aws.amazon.com/sns/latest/api/welcome.html
 *
 * Left out: every other kind of subscriber (recorded, PendingConfirmation for e-mail), filters, FIFO topics.
 */
import { AwsError } from '../aws-error';
import { queryProtocol } from '../http/query-protocol';
import { regionalState, type Scope, type Service, type WireObject } from '../service';
import { sendMessage, tryQueueByArn } from '../sqs/state';
import type { Tag } from '../tags';

export interface Topic {
  readonly TopicArn: string;
  readonly name: string;
  /** `DisplayName`, `KmsMasterKeyId`, `Policy`, ... */
  attributes: Readonly<Record<string, string>>;
  tags: readonly Tag[];
}

export interface Subscription {
  readonly SubscriptionArn: string;
  readonly TopicArn: string;
  readonly Protocol: string;
  readonly Endpoint: string;
  readonly Owner: string;
  raw: boolean;
}

interface SnsState {
  readonly topics: Map<string, Topic>;
  readonly subscriptions: Map<string, Subscription>;
}

export const snsOf = regionalState<SnsState>('sns', () => ({ topics: new Map(), subscriptions: new Map() }));

export function createTopic(scope: Scope, name: string, attributes: Topic['attributes'], tags: readonly Tag[]): Topic {
  const TopicArn = `arn:aws:sns:${scope.region}:${scope.account.accountId}:${name}`;
  const topic: Topic = snsOf(scope).topics.get(TopicArn) ?? { TopicArn, name, attributes, tags };
  snsOf(scope).topics.set(TopicArn, topic);
  return topic;
}

export function findTopic(scope: Scope, arn: string): Topic {
  const topic = snsOf(scope).topics.get(arn);
  if (!topic) throw new AwsError('NotFound', 'Topic does not exist', 404);
  return topic;
}

export function deleteTopic(scope: Scope, arn: string): void {
  const { topics, subscriptions } = snsOf(scope);
  topics.delete(arn);
  for (const item of [...subscriptions.values()]) if (item.TopicArn === arn) subscriptions.delete(item.SubscriptionArn);
}

export function subscribe(scope: Scope, input: WireObject): Subscription {
  const topic = findTopic(scope, String(input.TopicArn));
  const random = scope.account.stateOf('sns/ids', () => scope.account.random('sns'));
  const subscription: Subscription = {
    SubscriptionArn: `${topic.TopicArn}:${random.uuid()}`,
    TopicArn: topic.TopicArn,
    Protocol: String(input.Protocol),
    Endpoint: String(input.Endpoint),
    Owner: scope.account.accountId,
    raw: String(input.RawMessageDelivery) === 'true',
  };
  snsOf(scope).subscriptions.set(subscription.SubscriptionArn, subscription);
  return subscription;
}

function publish(scope: Scope, topic: Topic, message: string, subject?: string): string {
  const random = scope.account.stateOf('sns/ids', () => scope.account.random('sns'));
  const MessageId = random.uuid();
  const { TopicArn } = topic;
  for (const item of snsOf(scope).subscriptions.values()) {
    if (item.TopicArn !== TopicArn) continue;
    const queue = tryQueueByArn(scope, item.Endpoint);
    const envelope = { Type: 'Notification', MessageId, TopicArn, Subject: subject, Message: message };
    const Timestamp = scope.account.timestamp;
    if (queue) sendMessage(scope, queue, item.raw ? message : JSON.stringify({ ...envelope, Timestamp }));
  }
  return MessageId;
}

export const sns: Service = {
  name: 'Sns',
  signingName: 'sns',
  version: '2010-03-31',
  protocol: queryProtocol,
  operations: {
    CreateTopic: ({ Name, Tags }, call) => ({ TopicArn: createTopic(call, String(Name), {}, Tags ?? []).TopicArn }),
    DeleteTopic: ({ TopicArn }, call) => {
      deleteTopic(call, TopicArn);
      return {};
    },
    ListTopics: (_input, call) => ({ Topics: [...snsOf(call).topics.keys()].map((TopicArn) => ({ TopicArn })) }),
    Subscribe: (input, call) => ({ SubscriptionArn: subscribe(call, input).SubscriptionArn }),
    Unsubscribe: ({ SubscriptionArn }, call) => {
      snsOf(call).subscriptions.delete(SubscriptionArn);
      return {};
    },
    ListSubscriptionsByTopic: ({ TopicArn }, call) => ({
      Subscriptions: [...snsOf(call).subscriptions.values()]
        .filter((item) => item.TopicArn === TopicArn)
        .map(({ raw: _, ...item }) => item),
    }),
    Publish: ({ TopicArn, Message, Subject }, call) => ({
      MessageId: publish(call, findTopic(call, TopicArn), String(Message), Subject),
    }),
  },
};
