/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html */
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { deleteRule, findRule, putRule, putTargets } from '../events/state';

function put(name: string, properties: Properties, request: ResourceRequest): void {
  const rule = putRule(request, { ...properties, Name: name, Tags: request.tags(properties.Tags) });
  rule.targets = [];
  putTargets(rule, properties.Targets ?? []);
}

/** `Ref` is the rule's name. */
export const eventsRule: ResourceType = {
  typeName: 'AWS::Events::Rule',
  latencies: { create: 60_000, delete: 60_000 },
  create: (properties, request) => {
    const name = String(properties.Name ?? request.generatedName(64));
    put(name, properties, request);
    return name;
  },
  update: (name, properties, request) => put(name, properties, request),
  delete: (name, request) => {
    findRule(request, name).targets = [];
    deleteRule(request, name);
  },
  attributes: {
    Arn: (name, request) => findRule(request, name).Arn,
    RuleName: (name) => name,
  },
  read: (name, request) => {
    const { EventPattern, ScheduleExpression, State, Description, targets } = findRule(request, name);
    return {
      EventPattern: EventPattern && JSON.parse(EventPattern),
      ScheduleExpression,
      State,
      Description,
      Targets: targets,
    };
  },
};
