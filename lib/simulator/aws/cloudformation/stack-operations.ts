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
import { pageOf } from './paging';
import { prepareStack } from './prepare';
import { parseStackPolicy } from './stack-policy';
import { cloudFormationOf, type Stack } from './state';
import type { Template } from './template';
import { wireResource, wireResourceSummary, wireStack, wireStackSummary } from './wire';

export const stackOperations: Operations = {
  CreateStack: (input, call) => {
    const name = String(input.StackName);
    checkName(name);
    const existing = cloudFormationOf(call).tryStack(name);
    // The same request again, because its answer was lost.
    if (existing?.usedTokens.has(input.ClientRequestToken)) return { StackId: existing.id };
    if (existing) throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);
    const desired = prepareStack(call, input);
    const stack = newStack(call, desired, {
      name,
      terminationProtection: isTrue(input.EnableTerminationProtection),
      timeoutInMinutes: input.TimeoutInMinutes && Number(input.TimeoutInMinutes),
    });
    noteToken(stack, input);
    stack.policy = parseStackPolicy(input.StackPolicyBody);
    startCreate(call, stack, desired, isTrue(input.DisableRollback) ? 'DO_NOTHING' : (input.OnFailure as OnFailure));
    return { StackId: stack.id };
  },
  UpdateStack: (input, call) => {
    const stack = findStack(input, call);
    if (isRepeated(stack, input)) return { StackId: stack.id };
    checkUpdatable(stack);
    checkToken(stack, input);
    const desired = prepareStack(call, input, stack);
    if (isNoUpdate(stack, desired)) throw validationError('No updates are to be performed.');
    noteToken(stack, input);
    if (input.StackPolicyBody) stack.policy = parseStackPolicy(input.StackPolicyBody);
    const policy = parseStackPolicy(input.StackPolicyDuringUpdateBody) ?? stack.policy;
    startUpdate(call, stack, desired, { disableRollback: isTrue(input.DisableRollback), policy });
    return { StackId: stack.id };
  },
  DeleteStack: (input, call) => {
    const stack = cloudFormationOf(call).tryStack(String(input.StackName));
    if (!stack) return {};
    noteToken(stack, input);
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
    findStack(input, call).policy = parseStackPolicy(input.StackPolicyBody);
    return {};
  },
  GetStackPolicy: (input, call) => ({ StackPolicyBody: findStack(input, call).policy }),
};

export const stackQueries: Operations = {
  DescribeStacks: (input, call) => {
    const state = cloudFormationOf(call);
    const stacks = input.StackName ? [state.findStack(String(input.StackName))] : state.living();
    const { items, NextToken } = pageOf(newestFirst(stacks), input.NextToken);
    return { Stacks: items.map(wireStack), NextToken };
  },
  ListStacks: (input, call) => {
    const wanted: string[] | undefined = input.StackStatusFilter;
    const stacks = [...cloudFormationOf(call).stacks.values()];
    const { items, NextToken } = pageOf(
      newestFirst(stacks).filter(({ status }) => !wanted || wanted.length === 0 || wanted.includes(status)),
      input.NextToken,
    );
    return { StackSummaries: items.map(wireStackSummary), NextToken };
  },
  DescribeStackEvents: (input, call) => {
    const { items, NextToken } = pageOf([...findStack(input, call).events].reverse(), input.NextToken);
    return { StackEvents: items, NextToken };
  },
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
  ListStackResources: (input, call) => {
    const { items, NextToken } = pageOf([...findStack(input, call).resources.values()], input.NextToken);
    return { StackResourceSummaries: items.map(wireResourceSummary), NextToken };
  },
  GetTemplate: (input, call) => {
    const stack = findStack(input, call);
    const changeSet = input.ChangeSetName && stack.changeSets.get(String(input.ChangeSetName));
    const { template, templateBody } = changeSet ? changeSet.desired : stack;
    const isProcessed = input.TemplateStage === 'Processed' && template.transforms.length > 0;
    return {
      TemplateBody: isProcessed ? processed(template) : templateBody,
      StagesAvailable: ['Original', 'Processed'],
    };
  },
  ListExports: (input, call) => {
    const { items, NextToken } = pageOf(cloudFormationOf(call).exports(), input.NextToken);
    const Exports = items.map(({ stack, name, value }) => ({ ExportingStackId: stack.id, Name: name, Value: value }));
    return { Exports, NextToken };
  },
  ListImports: (input, call) => {
    const Imports = cloudFormationOf(call)
      .importersOf(String(input.ExportName))
      .map(({ name }) => name);
    if (Imports.length === 0) throw validationError(`Export '${input.ExportName}' is not imported by any stack.`);
    return { Imports };
  },
};

/** The template as the transforms have left it. */
function processed({ transforms: _, ...template }: Template): string {
  const sections = Object.entries(template).filter(([, section]) => section && Object.keys(section).length > 0);
  return JSON.stringify(Object.fromEntries(sections));
}

/** Whether the operation with this token was started already. */
function isRepeated(stack: Stack, { ClientRequestToken: token }: WireObject): boolean {
  return token !== undefined && stack.clientRequestToken === token;
}

/** @throws TokenAlreadyExistsException: every operation needs a token of its own */
function checkToken(stack: Stack, { ClientRequestToken: token }: WireObject): void {
  if (token === undefined || !stack.usedTokens.has(String(token))) return;
  throw new AwsError('TokenAlreadyExistsException', 'A client request token already exists.');
}

function noteToken(stack: Stack, { ClientRequestToken: token }: WireObject): void {
  stack.clientRequestToken = token;
  if (token !== undefined) stack.usedTokens.add(String(token));
}

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
