/** Instance types as EC2 refuses those that it does not have. */
import { type InstanceType, tryInstanceType } from '../../instance-types';
import { AwsError } from '../aws-error';

/** @throws InvalidParameterValue for a type that is not in the tables. */
export function findInstanceType(name: string): InstanceType {
  const type = tryInstanceType(name);
  if (!type) throw new AwsError('InvalidParameterValue', `Invalid value '${name}' for InstanceType.`);
  return type;
}
