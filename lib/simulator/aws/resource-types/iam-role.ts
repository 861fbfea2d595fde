/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
import type { Properties, ResourceRequest, ResourceType } from '../cloudformation/resource-type';
import { attachRolePolicy, createRole, deleteRole } from '../iam/roles';
import { iamOf } from '../iam/state';
import { LATENCY } from '../latencies';

function setPolicies(name: string, properties: Properties, request: ResourceRequest, previous: Properties): void {
  const role = iamOf(request).findRole(name);
  for (const arn of previous.ManagedPolicyArns ?? []) role.attached.delete(arn);
  for (const { PolicyName } of previous.Policies ?? []) role.inline.delete(PolicyName);
  for (const arn of properties.ManagedPolicyArns ?? []) attachRolePolicy(request, name, arn);
  for (const { PolicyName, PolicyDocument } of properties.Policies ?? []) role.inline.set(PolicyName, PolicyDocument);
}

export const role: ResourceType = {
  typeName: 'AWS::IAM::Role',
  latencies: { create: LATENCY.role.create, delete: LATENCY.role.delete },
  create: (properties, request) => {
    const RoleName = String(properties.RoleName ?? request.generatedName(64));
    createRole(request, { ...properties, RoleName, Tags: request.tags(properties.Tags) });
    setPolicies(RoleName, properties, request, {});
    return RoleName;
  },
  update: (name, properties, request, previous) => {
    const item = iamOf(request).findRole(name);
    item.AssumeRolePolicyDocument = properties.AssumeRolePolicyDocument;
    item.Description = properties.Description;
    item.MaxSessionDuration = Number(properties.MaxSessionDuration ?? 3600);
    item.PermissionsBoundary = properties.PermissionsBoundary;
    item.Tags = request.tags(properties.Tags);
    setPolicies(name, properties, request, previous);
  },
  /** CloudFormation takes away what the template gave; what others attached keeps the role. */
  delete: (name, request, properties) => {
    setPolicies(name, {}, request, properties);
    deleteRole(request, name);
  },
  attributes: {
    Arn: (name, request) => iamOf(request).findRole(name).Arn,
    RoleId: (name, request) => iamOf(request).findRole(name).RoleId,
  },
  read: (name, request) => {
    const { Description, MaxSessionDuration, AssumeRolePolicyDocument, attached } = iamOf(request).findRole(name);
    return { Description, MaxSessionDuration, AssumeRolePolicyDocument, ManagedPolicyArns: [...attached] };
  },
};
