/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-alias.html */
import { AwsError } from '../aws-error';
import type { ResourceType } from '../cloudformation/resource-type';
import { createAlias, findKey, kmsOf } from '../kms/service';

export const kmsAlias: ResourceType = {
  typeName: 'AWS::KMS::Alias',
  create: (properties, request) => {
    createAlias(request, String(properties.AliasName), String(properties.TargetKeyId));
    return String(properties.AliasName);
  },
  update: (alias, properties, request) => {
    kmsOf(request).aliases.set(alias, findKey(request, String(properties.TargetKeyId)).KeyId);
  },
  delete: (alias, request) => {
    if (!kmsOf(request).aliases.delete(alias)) throw new AwsError('NotFoundException', `Alias ${alias} is not found.`);
  },
};
