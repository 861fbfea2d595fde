/**
 * A handle that makes nothing: what minimal templates are made of.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-waitconditionhandle.html
 */
import type { ResourceType } from '../cloudformation/resource-type';

export const waitConditionHandle: ResourceType = {
  typeName: 'AWS::CloudFormation::WaitConditionHandle',
  create: (_properties, { region, stackId, logicalId }) =>
    `https://cloudformation-waitcondition-${region}.s3.amazonaws.com/${encodeURIComponent(stackId)}/${logicalId}`,
  update: () => {},
  delete: () => {},
};
