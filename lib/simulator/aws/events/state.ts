/**
 * EventBridge: rules pick events off the default bus and send them to queues.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-what-is.html
 *
 * Left out: other buses, schedules (recorded, they never fire), targets other than SQS queues, input transformers, archives.
 */
import { AwsError, notSimulated } from '../aws-error';
import { decide } from '../iam/policy';
import { regionalState, type Scope, type WireObject } from '../service';
import { sendMessage, tryQueueByArn } from '../sqs/state';
import type { Tag } from '../tags';
import { matchesPattern } from './pattern';

export interface Rule {
  readonly Name: string;
  readonly Arn: string;
  EventPattern?: string;
  ScheduleExpression?: string;
  State: string;
  Description?: string;
  RoleArn?: string;
  tags: readonly Tag[];
  targets: readonly WireObject[];
}

export const rulesOf = regionalState('events', () => new Map<string, Rule>());

export function putRule(scope: Scope, input: WireObject): Rule {
  const name = String(input.Name);
  if (input.EventBusName && !/(^|\/)default$/.test(input.EventBusName)) {
    throw notSimulated(`The event bus ${input.EventBusName}`);
  }
  if (!input.EventPattern && !input.ScheduleExpression) {
    throw new AwsError('ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  const existing = rulesOf(scope).get(name);
  const rule: Rule = {
    Name: name,
    Arn: `arn:aws:events:${scope.region}:${scope.account.accountId}:rule/${name}`,
    EventPattern: input.EventPattern && patternText(input.EventPattern),
    ScheduleExpression: input.ScheduleExpression,
    State: String(input.State ?? 'ENABLED'),
    Description: input.Description,
    RoleArn: input.RoleArn,
    tags: input.Tags ?? existing?.tags ?? [],
    targets: existing?.targets ?? [],
  };
  rulesOf(scope).set(name, rule);
  return rule;
}

function patternText(pattern: unknown): string {
  const text = typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
  try {
    matchesPattern(JSON.parse(text), {});
    return text;
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw new AwsError('InvalidEventPatternException', 'Event pattern is not valid. Reason: Filter is not an object');
  }
}

export function findRule(scope: Scope, name: string): Rule {
  const rule = rulesOf(scope).get(name);
  if (!rule) throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
  return rule;
}

export function putTargets(rule: Rule, targets: readonly WireObject[]): void {
  for (const { Arn } of targets) {
    if (!/^arn:aws[a-z-]*:sqs:/.test(String(Arn))) throw notSimulated(`The EventBridge target ${Arn}`);
  }
  const ids = new Set(targets.map(({ Id }) => Id));
  rule.targets = [...rule.targets.filter(({ Id }) => !ids.has(Id)), ...targets];
}

export function deleteRule(scope: Scope, name: string): void {
  if ((rulesOf(scope).get(name)?.targets.length ?? 0) > 0) {
    throw new AwsError('ValidationException', `Rule can't be deleted since it has targets.`);
  }
  rulesOf(scope).delete(name);
}

export interface NewEvent {
  /** `aws.ec2` */
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources?: readonly string[];
}

/** Puts an event on the bus: each rule that matches sends it on. A queue whose policy does not let events in gets none. */
export function emitEvent(scope: Scope, { source, detailType, detail, resources = [] }: NewEvent): string {
  const { account, region } = scope;
  const id = account.stateOf('events/ids', () => account.random('events')).uuid();
  const event = {
    version: '0',
    id,
    'detail-type': detailType,
    source,
    account: account.accountId,
    time: account.timestamp.replace(/\.\d+Z$/, 'Z'),
    region,
    resources,
    detail,
  };
  for (const rule of rulesOf(scope).values()) {
    if (rule.State === 'DISABLED' || !rule.EventPattern || !matchesPattern(JSON.parse(rule.EventPattern), event))
      continue;
    for (const target of rule.targets) deliver(scope, rule, String(target.Arn), event);
  }
  return id;
}

function deliver(scope: Scope, rule: Rule, queueArn: string, event: object): void {
  const queue = tryQueueByArn(scope, queueArn);
  if (!queue) return;
  const request = {
    action: 'sqs:SendMessage',
    resource: queueArn,
    principal: 'events.amazonaws.com',
    context: { 'aws:sourcearn': rule.Arn, 'aws:sourceaccount': scope.account.accountId, 'aws:securetransport': 'true' },
  };
  if (decide([queue.attributes.Policy], request) === 'allowed') sendMessage(scope, queue, JSON.stringify(event));
}
