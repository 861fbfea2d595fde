/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-instanceprofile.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createInstanceProfile, deleteInstanceProfile } from '../iam/roles';
import { iamOf } from '../iam/state';

export const instanceProfile: ResourceType = {
  typeName: 'AWS::IAM::InstanceProfile',
  /** IAM is known to take two minutes until a new profile is there for everybody. */
  latencies: { create: 120_000 },
  create: (properties, request) => {
    const InstanceProfileName = properties.InstanceProfileName ?? request.generatedName(128);
    for (const name of properties.Roles) iamOf(request).findRole(name);
    const profile = createInstanceProfile(request, { ...properties, InstanceProfileName });
    profile.roles = [...properties.Roles];
    return profile.InstanceProfileName;
  },
  update: (name, properties, request) => {
    iamOf(request).findInstanceProfile(name).roles = [...properties.Roles];
  },
  delete: (name, request) => {
    iamOf(request).findInstanceProfile(name).roles = [];
    deleteInstanceProfile(request, name);
  },
  attributes: { Arn: (name, request) => iamOf(request).findInstanceProfile(name).Arn },
};
