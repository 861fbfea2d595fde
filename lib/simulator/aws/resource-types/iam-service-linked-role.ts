/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-servicelinkedrole.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createServiceLinkedRole } from '../iam/roles';
import { iamOf } from '../iam/state';
import { LATENCY } from '../latencies';

export const serviceLinkedRole: ResourceType = {
  typeName: 'AWS::IAM::ServiceLinkedRole',
  required: ['AWSServiceName'],
  latencies: { create: LATENCY.role.create, delete: LATENCY.role.delete },
  create: (properties, request) => createServiceLinkedRole(request, properties).RoleName,
  update: (name, { Description }, request) => {
    iamOf(request).findRole(name).Description = Description;
  },
  delete: (name, request) => {
    iamOf(request).findRole(name);
    iamOf(request).roles.delete(name);
  },
  attributes: { RoleName: (name) => name },
};
