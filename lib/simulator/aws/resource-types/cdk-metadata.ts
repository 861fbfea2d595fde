/** What the CDK writes into templates to count the constructs in use. It makes nothing. https://docs.aws.amazon.com/cdk/v2/guide/cli.html */
import type { ResourceType } from '../cloudformation/resource-type';

export const cdkMetadata: ResourceType = {
  typeName: 'AWS::CDK::Metadata',
  create: (_properties, { uniqueId }) => uniqueId,
  update: () => {},
  delete: () => {},
};
