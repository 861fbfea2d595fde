/** An inline policy of roles. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html */
import { notSimulated } from '../aws-error';
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { iamOf } from '../iam/state';

function put(properties: Properties, request: ResourceRequest): void {
  if (properties.Users?.length || properties.Groups?.length)
    throw notSimulated('AWS::IAM::Policy for users and groups');
  for (const name of properties.Roles ?? []) {
    iamOf(request).findRole(name).inline.set(String(properties.PolicyName), properties.PolicyDocument);
  }
}

function remove(properties: Properties, request: ResourceRequest): void {
  for (const name of properties.Roles ?? [])
    iamOf(request).roles.get(name)?.inline.delete(String(properties.PolicyName));
}

export const policy: ResourceType = {
  typeName: 'AWS::IAM::Policy',
  latencies: { create: 16_000 },
  create: (properties, request) => {
    put(properties, request);
    return `${request.stackName.slice(0, 5)}-${request.logicalId.slice(0, 4)}-${request.uniqueId.slice(0, 13).toUpperCase()}`;
  },
  update: (_id, properties, request, previous) => {
    remove(previous, request);
    put(properties, request);
  },
  delete: (_id, request, properties) => remove(properties, request),
  attributes: { Id: (id) => id },
};
