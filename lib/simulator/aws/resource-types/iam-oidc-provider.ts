/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-oidcprovider.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createOidcProvider, deleteOidcProvider } from '../iam/roles';
import { iamOf } from '../iam/state';

export const oidcProvider: ResourceType = {
  typeName: 'AWS::IAM::OIDCProvider',
  create: (properties, request) =>
    createOidcProvider(request, { ...properties, Tags: request.tags(properties.Tags) }).Arn,
  update: (arn, properties, request) => {
    const item = iamOf(request).oidcProviders.get(arn)!;
    item.clientIds = properties.ClientIdList ?? [];
    item.thumbprints = properties.ThumbprintList ?? [];
    item.Tags = request.tags(properties.Tags);
  },
  delete: (arn, request) => deleteOidcProvider(request, arn),
  attributes: { Arn: (arn) => arn },
};
