/**
 * Stack events: one for every change of state of a resource and of the stack itself, as the console and the CDK print
 * them. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
 */
import type { Scope } from '../service';
import { cloudFormationOf, type Stack, type StackResource } from './state';

export const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** Clients put events in order by their times: no two of a stack have the same one. */
function eventTime(scope: Scope, stack: Stack): string {
  const last = stack.events[stack.events.length - 1];
  const earliest = last === undefined ? 0 : Date.parse(last.Timestamp) + 1;
  return new Date(Math.max(scope.account.now, earliest)).toISOString();
}

/** Sets the stack's status and writes the event. */
export function stackEvent(scope: Scope, stack: Stack, status: string, reason?: string): void {
  stack.status = status;
  stack.statusReason = reason;
  stack.events.push({
    EventId: cloudFormationOf(scope).uuid(),
    StackId: stack.id,
    StackName: stack.name,
    LogicalResourceId: stack.name,
    PhysicalResourceId: stack.id,
    ResourceType: STACK_TYPE,
    Timestamp: eventTime(scope, stack),
    ResourceStatus: status,
    ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
    ...(stack.clientRequestToken === undefined ? {} : { ClientRequestToken: stack.clientRequestToken }),
  });
}

/** Sets the resource's status and writes the event. */
export function resourceEvent(
  scope: Scope,
  stack: Stack,
  resource: StackResource,
  status: string,
  reason?: string,
): void {
  resource.status = status;
  resource.statusReason = reason;
  resource.timestamp = scope.account.timestamp;
  stack.events.push({
    EventId: `${resource.logicalId}-${status}-${scope.account.timestamp}-${stack.events.length}`,
    StackId: stack.id,
    StackName: stack.name,
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId ?? '',
    ResourceType: resource.type,
    Timestamp: eventTime(scope, stack),
    ResourceStatus: status,
    ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
    ResourceProperties: JSON.stringify(resource.properties),
    ...(stack.clientRequestToken === undefined ? {} : { ClientRequestToken: stack.clientRequestToken }),
  });
}
