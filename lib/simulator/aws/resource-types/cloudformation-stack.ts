/** A nested stack. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html */
import { AwsError } from '../aws-error';
import { isNoUpdate, newStack, startCreate, startDelete, startUpdate } from '../cloudformation/engine';
import { prepareStack } from '../cloudformation/prepare';
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { cloudFormationOf, isInProgress } from '../cloudformation/state';
import type { WireObject } from '../service';

function inputOf(name: string, properties: Properties, request: ResourceRequest): WireObject {
  const parent = cloudFormationOf(request).findStack(request.stackId);
  return {
    StackName: name,
    TemplateURL: properties.TemplateURL,
    Parameters: Object.entries(properties.Parameters ?? {}).map(([ParameterKey, value]) => ({
      ParameterKey,
      ParameterValue: Array.isArray(value) ? value.join(',') : String(value),
    })),
    Tags: request.tags(properties.Tags).filter(({ Key }) => !Key.startsWith('aws:')),
    Capabilities: parent.capabilities,
    NotificationARNs: properties.NotificationARNs,
    RoleARN: parent.roleArn,
  };
}

const find = (id: string, request: ResourceRequest) => cloudFormationOf(request).findStack(id);

export const nestedStack: ResourceType = {
  typeName: 'AWS::CloudFormation::Stack',
  required: ['TemplateURL'],
  create: (properties, request) => {
    const name = request.generatedName(128);
    const parent = cloudFormationOf(request).findStack(request.stackId);
    const desired = prepareStack(request, inputOf(name, properties, request));
    const stack = newStack(request, desired, { name, parent });
    startCreate(request, stack, desired);
    return stack.id;
  },
  settled: (id, request) => {
    const stack = find(id, request);
    if (isInProgress(stack)) return false;
    if (/^(CREATE|UPDATE)_COMPLETE$/.test(stack.status)) return true;
    const reason = stack.events.find((event) => event.ResourceStatus.endsWith('_FAILED'))?.ResourceStatusReason ?? '';
    throw new AwsError(
      'ValidationError',
      `Embedded stack ${id} was not successfully created: ${reason || stack.statusReason}`,
    );
  },
  update: (id, properties, request) => {
    const stack = find(id, request);
    const desired = prepareStack(request, inputOf(stack.name, properties, request), stack);
    if (!isNoUpdate(stack, desired)) startUpdate(request, stack, desired);
  },
  delete: (id, request) => startDelete(request, find(id, request)),
  deleted: (id, request) => {
    const { status, name } = find(id, request);
    if (status === 'DELETE_FAILED') {
      throw new AwsError('ValidationError', `Embedded stack ${name} was not successfully deleted`);
    }
    return status === 'DELETE_COMPLETE';
  },
  attribute: (name, id, request) => {
    const output = find(id, request).outputs.find(({ OutputKey }) => name === `Outputs.${OutputKey}`);
    if (!output)
      throw new AwsError('ValidationError', `Template error: output ${name} not found in nested stack ${id}`);
    return output.OutputValue;
  },
};
