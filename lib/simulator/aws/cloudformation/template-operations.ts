/** The operations on templates and change sets. */
import { notSimulated, validationError } from '../aws-error';
import { identifiersOf } from '../resource-types';
import type { Call, Operations, WireObject } from '../service';
import { createChangeSet, executeChangeSet, findChangeSet } from './change-set';
import { readTemplate } from './prepare';
import { findStack, isTrue } from './stack-operations';
import { cloudFormationOf } from './state';
import type { Template } from './template';
import { validateTemplate } from './validate';
import { wireChangeSet, wireChangeSetSummary } from './wire';

export const changeSetOperations: Operations = {
  CreateChangeSet: (input, call) => {
    const changeSet = createChangeSet(call, input);
    return { Id: changeSet.id, StackId: changeSet.stackId };
  },
  DescribeChangeSet: (input, call) => {
    const { stack, changeSet } = findChangeSet(call, String(input.ChangeSetName), input.StackName);
    return wireChangeSet(stack, changeSet, isTrue(input.IncludePropertyValues));
  },
  ExecuteChangeSet: (input, call) => {
    const { stack, changeSet } = findChangeSet(call, String(input.ChangeSetName), input.StackName);
    executeChangeSet(call, stack, changeSet, input);
    return {};
  },
  DeleteChangeSet: (input, call) => {
    const stack = input.StackName ? cloudFormationOf(call).tryStack(String(input.StackName)) : undefined;
    if (input.StackName && !stack) throw validationError(`Stack [${input.StackName}] does not exist`);
    const name = String(input.ChangeSetName);
    for (const candidate of stack ? [stack] : [...cloudFormationOf(call).stacks.values()]) {
      for (const changeSet of [...candidate.changeSets.values()]) {
        if (changeSet.name === name || changeSet.id === name) candidate.changeSets.delete(changeSet.name);
      }
    }
    return {};
  },
  ListChangeSets: (input, call) => {
    const stack = findStack(input, call);
    return { Summaries: [...stack.changeSets.values()].map((changeSet) => wireChangeSetSummary(stack, changeSet)) };
  },
};

export const templateOperations: Operations = {
  GetTemplateSummary: (input, call) => {
    const { template } = templateOf(input, call);
    return {
      ...summary(template),
      ResourceTypes: typesOf(template),
      ResourceIdentifierSummaries: typesOf(template).flatMap((ResourceType) => {
        const ResourceIdentifiers = identifiersOf(ResourceType);
        const LogicalResourceIds = Object.entries(template.Resources).flatMap(([id, { Type }]) =>
          Type === ResourceType ? id : [],
        );
        return ResourceIdentifiers.length === 0 ? [] : { ResourceType, LogicalResourceIds, ResourceIdentifiers };
      }),
    };
  },
  ValidateTemplate: (input, call) => {
    const { template } = readTemplate(call, input);
    // What a transform makes of it is known when the parameters are.
    if (template.transforms.length === 0) validateTemplate(template, call);
    return { ...summary(template), DeclaredTransforms: template.transforms };
  },
};

function templateOf(input: WireObject, call: Call): { template: Template } {
  if (input.StackSetName) throw notSimulated('GetTemplateSummary of a stack set');
  return input.StackName ? findStack(input, call) : readTemplate(call, input);
}

/** Loops have no type before they are written out. */
function typesOf({ Resources }: Template): string[] {
  return [...new Set(Object.values(Resources).flatMap(({ Type }) => Type ?? []))];
}

function summary(template: Template): WireObject {
  const types = typesOf(template);
  const capabilities = types.some((type) => type.startsWith('AWS::IAM::')) ? ['CAPABILITY_NAMED_IAM'] : [];
  return {
    Description: template.Description,
    Capabilities: capabilities,
    CapabilitiesReason:
      capabilities.length > 0
        ? `The following resource(s) require capabilities: [${[...new Set(types.filter((type) => type.startsWith('AWS::IAM::')))].join(', ')}]`
        : undefined,
    Parameters: Object.entries(template.Parameters).map(([ParameterKey, definition]) => ({
      ParameterKey,
      ParameterType: definition.Type,
      DefaultValue: definition.Default === undefined ? undefined : String(definition.Default),
      NoEcho: isTrue(definition.NoEcho ?? false),
      Description: definition.Description,
      ParameterConstraints: definition.AllowedValues && { AllowedValues: definition.AllowedValues.map(String) },
    })),
    Version: template.AWSTemplateFormatVersion,
  };
}
