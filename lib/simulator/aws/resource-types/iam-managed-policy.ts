/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { attachRolePolicy, createManagedPolicy, deleteManagedPolicy } from '../iam/roles';
import { iamOf } from '../iam/state';

export const managedPolicy: ResourceType = {
  typeName: 'AWS::IAM::ManagedPolicy',
  latencies: { create: 16_000 },
  create: (properties, request) => {
    const PolicyName = properties.ManagedPolicyName ?? request.generatedName(128);
    const { Arn } = createManagedPolicy(request, { ...properties, PolicyName });
    for (const name of properties.Roles ?? []) attachRolePolicy(request, name, Arn);
    return Arn;
  },
  update: (arn, properties, request, previous) => {
    const item = iamOf(request).policies.get(arn)!;
    item.document = properties.PolicyDocument;
    item.version++;
    for (const name of previous.Roles ?? []) iamOf(request).roles.get(name)?.attached.delete(arn);
    for (const name of properties.Roles ?? []) attachRolePolicy(request, name, arn);
  },
  delete: (arn, request, properties) => {
    for (const name of properties.Roles ?? []) iamOf(request).roles.get(name)?.attached.delete(arn);
    deleteManagedPolicy(request, arn);
  },
  attributes: {
    PolicyArn: (arn) => arn,
    PolicyId: (arn, request) => iamOf(request).policies.get(arn)?.PolicyId,
    DefaultVersionId: (arn, request) => `v${iamOf(request).policies.get(arn)?.version}`,
    AttachmentCount: (arn, request) =>
      [...iamOf(request).roles.values()].filter(({ attached }) => attached.has(arn)).length,
  },
};
