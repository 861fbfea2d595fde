/** The operations on stacks: create, update, delete, describe. */
import { AwsError, validationError } from '../aws-error';
import type { Call, Operations, WireObject } from '../service';
import {
  checkUpdatable,
  isNoUpdate,
  newStack,
  type OnFailure,
  startCancelUpdate,
  startCreate,
  startDelete,
  startRollback,
  startUpdate,
} from './engine';
import { stackEvent } from './events';
import { prepareStack } from './prepare';
import { cloudFormationOf, type Stack } from './state';
import { wireResource, wireResourceSummary, wireStack, wireStackSummary } from './wire';

export const stackOperations: Operations = {
  CreateStack: (input, call) => {
    const name = String(input.StackName);
    checkName(name);
    if (cloudFormationOf(call).tryStack(name))
      throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);
    const desired = prepareStack(call, input);
    const stack = newStack(call, desired, {
      name,
      terminationProtection: isTrue(input.EnableTerminationProtection),
      timeoutInMinutes: input.TimeoutInMinutes && Number(input.TimeoutInMinutes),
    });
    stack.clientRequestToken = input.ClientRequestToken;
    stack.policy = input.StackPolicyBody;
    startCreate(call, stack, desired, isTrue(input.DisableRollback) ? 'DO_NOTHING' : (input.OnFailure as OnFailure));
    return { StackId: stack.id };
  },
  UpdateStack: (input, call) => {
    const stack = findStack(input, call);
    checkUpdatable(stack);
    const desired = prepareStack(call, input, stack);
    if (isNoUpdate(stack, desired)) throw validationError('No updates are to be performed.');
    stack.clientRequestToken = input.ClientRequestToken;
    startUpdate(call, stack, desired, isTrue(input.DisableRollback));
    return { StackId: stack.id };
  },
  DeleteStack: (input, call) => {
    const stack = cloudFormationOf(call).tryStack(String(input.StackName));
    if (!stack) return {};
    stack.clientRequestToken = input.ClientRequestToken;
    if (stack.status === 'REVIEW_IN_PROGRESS') {
      stack.deletionTime = call.account.timestamp;
      stackEvent(call, stack, 'DELETE_COMPLETE');
      return {};
    }
    startDelete(call, stack, { retain: input.RetainResources, force: input.DeletionMode === 'FORCE_DELETE_STACK' });
    return {};
  },
  CancelUpdateStack: (input, call) => {
    startCancelUpdate(call, findStack(input, call));
    return {};
  },
  RollbackStack: (input, call) => {
    const stack = findStack(input, call);
    startRollback(call, stack);
    return { StackId: stack.id };
  },
  ContinueUpdateRollback: (input, call) => {
    const stack = findStack(input, call);
    if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
      throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not continue update rollback.`);
    }
    startRollback(call, stack, new Set(input.ResourcesToSkip ?? []));
    return {};
  },
  UpdateTerminationProtection: (input, call) => {
    const stack = findStack(input, call);
    stack.terminationProtection = isTrue(input.EnableTerminationProtection);
    return { StackId: stack.id };
  },
  SetStackPolicy: (input, call) => {
    findStack(input, call).policy = String(input.StackPolicyBody ?? '');
    return {};
  },
  GetStackPolicy: (input, call) => ({ StackPolicyBody: findStack(input, call).policy }),
};

export const stackQueries: Operations = {
  DescribeStacks: (input, call) => {
    const state = cloudFormationOf(call);
    const stacks = input.StackName ? [state.findStack(String(input.StackName))] : state.living();
    return { Stacks: newestFirst(stacks).map(wireStack) };
  },
  ListStacks: (input, call) => {
    const wanted: string[] | undefined = input.StackStatusFilter;
    const stacks = [...cloudFormationOf(call).stacks.values()];
    return {
      StackSummaries: newestFirst(stacks)
        .filter(({ status }) => !wanted || wanted.length === 0 || wanted.includes(status))
        .map(wireStackSummary),
    };
  },
  DescribeStackEvents: (input, call) => ({ StackEvents: [...findStack(input, call).events].reverse() }),
  DescribeEvents: (input, call) => ({
    OperationEvents: [...findStack(input, call).events].reverse(),
  }),
  DescribeStackResource: (input, call) => {
    const stack = findStack(input, call);
    const resource = stack.resources.get(String(input.LogicalResourceId));
    if (!resource) {
      throw validationError(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
    }
    const { Timestamp, ...rest } = wireResource(stack, resource);
    const Metadata = resource.metadata && JSON.stringify(resource.metadata);
    return { StackResourceDetail: { ...rest, LastUpdatedTimestamp: Timestamp, Metadata } };
  },
  DescribeStackResources: (input, call) => {
    const stack = input.StackName ? findStack(input, call) : stackOfResource(call, String(input.PhysicalResourceId));
    return {
      StackResources: [...stack.resources.values()]
        .filter(({ logicalId }) => !input.LogicalResourceId || logicalId === input.LogicalResourceId)
        .map((resource) => wireResource(stack, resource)),
    };
  },
  ListStackResources: (input, call) => ({
    StackResourceSummaries: [...findStack(input, call).resources.values()].map(wireResourceSummary),
  }),
  GetTemplate: (input, call) => {
    const stack = findStack(input, call);
    const changeSet = input.ChangeSetName && stack.changeSets.get(String(input.ChangeSetName));
    return {
      TemplateBody: changeSet ? changeSet.desired.templateBody : stack.templateBody,
      StagesAvailable: ['Original', 'Processed'],
    };
  },
  ListExports: (_input, call) => ({
    Exports: cloudFormationOf(call)
      .exports()
      .map(({ stack, name, value }) => ({ ExportingStackId: stack.id, Name: name, Value: value })),
  }),
  ListImports: (input, call) => {
    const Imports = cloudFormationOf(call)
      .importersOf(String(input.ExportName))
      .map(({ name }) => name);
    if (Imports.length === 0) throw validationError(`Export '${input.ExportName}' is not imported by any stack.`);
    return { Imports };
  },
};

export function findStack(input: WireObject, call: Call): Stack {
  return cloudFormationOf(call).findStack(String(input.StackName));
}

function stackOfResource(call: Call, physicalId: string): Stack {
  const stack = cloudFormationOf(call)
    .living()
    .find(({ resources }) => [...resources.values()].some((resource) => resource.physicalId === physicalId));
  if (!stack) throw validationError(`Stack for ${physicalId} does not exist`);
  return stack;
}

function newestFirst(stacks: readonly Stack[]): Stack[] {
  return [...stacks].reverse();
}

export function isTrue(value: unknown): boolean {
  return String(value) === 'true';
}

function checkName(name: string): void {
  if (/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name)) return;
  throw validationError(
    `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
  );
}
