/** EventBridge's API. https://docs.aws.amazon.com/eventbridge/latest/APIReference/Welcome.html */
import { AwsError } from '../aws-error';
import { jsonProtocol } from '../http/json-protocol';
import type { Service, WireObject } from '../service';
import { deleteRule, emitEvent, findRule, putRule, putTargets, type Rule, rulesOf } from './state';

function wireRule({ tags: _, targets: __, ...rule }: Rule): WireObject {
  return { ...rule, EventBusName: 'default' };
}

export const events: Service = {
  name: 'EventBridge',
  signingName: 'events',
  protocol: jsonProtocol,
  operations: {
    PutRule: (input, call) => ({ RuleArn: putRule(call, input).Arn }),
    DescribeRule: ({ Name }, call) => wireRule(findRule(call, Name)),
    ListRules: ({ NamePrefix = '' }, call) => ({
      Rules: [...rulesOf(call).values()].filter(({ Name }) => Name.startsWith(NamePrefix)).map(wireRule),
    }),
    DeleteRule: ({ Name }, call) => {
      deleteRule(call, Name);
      return {};
    },
    PutTargets: ({ Rule: name, Targets }, call) => {
      putTargets(findRule(call, name), Targets);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets: ({ Rule: name, Ids }, call) => {
      const rule = findRule(call, name);
      rule.targets = rule.targets.filter(({ Id }) => !Ids.includes(Id));
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListTargetsByRule: ({ Rule: name }, call) => ({ Targets: findRule(call, name).targets }),
    PutEvents: ({ Entries }, call) => ({
      FailedEntryCount: 0,
      Entries: (Entries as WireObject[]).map(({ Source, DetailType, Detail, Resources }) => {
        if (String(Source).startsWith('aws.')) {
          throw new AwsError('NotAuthorizedForSourceException', 'Not authorized for the source.');
        }
        const event = {
          source: Source,
          detailType: DetailType,
          detail: JSON.parse(Detail ?? '{}'),
          resources: Resources,
        };
        return { EventId: emitEvent(call, event) };
      }),
    }),
  },
};
