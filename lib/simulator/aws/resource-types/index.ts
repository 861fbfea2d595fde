/**
 * Every resource type that CloudFormation can make here. One file and one line each; a type that is not in this list is
 * refused by name before anything starts.
 */
import { notSimulated } from '../aws-error';
import type { ResourceType } from '../cloudformation/resource-type';
import { waitConditionHandle } from './cloudformation-wait-condition-handle';
import { ssmParameter } from './ssm-parameter';

const TYPES: readonly ResourceType[] = [ssmParameter, waitConditionHandle];

const BY_NAME = new Map(TYPES.map((type) => [type.typeName, type]));

export function tryResourceType(typeName: string): ResourceType | undefined {
  // Metadata of the CDK itself: it makes nothing.
  return BY_NAME.get(typeName === 'AWS::CDK::Metadata' ? 'AWS::CloudFormation::WaitConditionHandle' : typeName);
}

export function findResourceType(typeName: string): ResourceType {
  const type = tryResourceType(typeName);
  if (!type) throw notSimulated(`The resource type ${typeName}`);
  return type;
}
