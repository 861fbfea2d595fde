/** Stacks, resources and change sets as CloudFormation's API describes them. */
import type { WireObject } from '../service';
import type { ChangeSet } from './change-set';
import type { StackParameter } from './parameters';
import type { Stack, StackResource } from './state';
import type { Template } from './template';

export function wireStack(stack: Stack): WireObject {
  return {
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: stack.changeSetId,
    Description: stack.description,
    Parameters: wireParameters(stack.template, stack.parameters),
    CreationTime: stack.creationTime,
    DeletionTime: stack.deletionTime,
    LastUpdatedTime: stack.lastUpdatedTime,
    RollbackConfiguration: { RollbackTriggers: [] },
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.disableRollback,
    NotificationARNs: stack.notificationArns,
    TimeoutInMinutes: stack.timeoutInMinutes,
    Capabilities: stack.capabilities,
    Outputs: stack.outputs,
    RoleARN: stack.roleArn,
    Tags: stack.tags,
    EnableTerminationProtection: stack.terminationProtection,
    ParentId: stack.parentId,
    RootId: stack.rootId,
    DriftInformation: {
      StackDriftStatus: stack.drift?.status ?? 'NOT_CHECKED',
      LastCheckTimestamp: stack.drift?.time,
    },
  };
}

export function wireStackSummary(stack: Stack): WireObject {
  const { StackId, StackName, CreationTime, LastUpdatedTime, DeletionTime, StackStatus, StackStatusReason, ...rest } =
    wireStack(stack);
  const { DriftInformation, ParentId, RootId } = rest;
  return {
    StackId,
    StackName,
    TemplateDescription: stack.description,
    CreationTime,
    LastUpdatedTime,
    DeletionTime,
    StackStatus,
    StackStatusReason,
    ParentId,
    RootId,
    DriftInformation,
  };
}

export function wireParameters(template: Template, parameters: readonly StackParameter[]): WireObject[] {
  return parameters.map((parameter) => {
    const noEcho = String(template.Parameters[parameter.ParameterKey]?.NoEcho) === 'true';
    return noEcho ? { ParameterKey: parameter.ParameterKey, ParameterValue: '****' } : { ...parameter };
  });
}

export function wireResource(stack: Stack, resource: StackResource): WireObject {
  return {
    StackName: stack.name,
    StackId: stack.id,
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    Timestamp: resource.timestamp,
    ResourceStatus: resource.status,
    ResourceStatusReason: resource.statusReason,
    DriftInformation: { StackResourceDriftStatus: resource.drift ?? 'NOT_CHECKED' },
  };
}

export function wireResourceSummary(resource: StackResource): WireObject {
  return {
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    LastUpdatedTimestamp: resource.timestamp,
    ResourceStatus: resource.status,
    ResourceStatusReason: resource.statusReason,
    DriftInformation: { StackResourceDriftStatus: resource.drift ?? 'NOT_CHECKED' },
  };
}

export function wireChangeSet(stack: Stack, changeSet: ChangeSet, includeValues: boolean): WireObject {
  const { desired } = changeSet;
  return {
    ChangeSetName: changeSet.name,
    ChangeSetId: changeSet.id,
    StackId: stack.id,
    StackName: stack.name,
    Description: changeSet.description,
    Parameters: wireParameters(desired.template, desired.parameters),
    CreationTime: changeSet.creationTime,
    ExecutionStatus: changeSet.executionStatus,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
    NotificationARNs: desired.notificationArns,
    RollbackConfiguration: {},
    Capabilities: desired.capabilities,
    Tags: desired.tags,
    Changes: changeSet.changes.map((change) => ({
      Type: 'Resource',
      ResourceChange: wireChange(change, includeValues),
    })),
    IncludeNestedStacks: changeSet.includeNestedStacks,
    OnStackFailure: changeSet.onFailure,
  };
}

function wireChange(change: WireObject, includeValues: boolean): WireObject {
  if (includeValues) return change;
  const { BeforeContext: _, AfterContext: __, Details, ...rest } = change;
  const details = (Details as WireObject[]).map((detail) => {
    const { BeforeValue: ___, AfterValue: ____, Path: _____, AttributeChangeType: ______, ...target } = detail.Target;
    return { ...detail, Target: target };
  });
  return { ...rest, Details: details };
}

export function wireChangeSetSummary(stack: Stack, changeSet: ChangeSet): WireObject {
  return {
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: changeSet.id,
    ChangeSetName: changeSet.name,
    ExecutionStatus: changeSet.executionStatus,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
    CreationTime: changeSet.creationTime,
    Description: changeSet.description,
    IncludeNestedStacks: changeSet.includeNestedStacks,
  };
}
