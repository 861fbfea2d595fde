/**
 * CloudFormation's API. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/Welcome.html
 *
 * Left out: stack sets, the type registry, hooks, generated templates, resource import, signals.
 */
import { queryProtocol } from '../http/query-protocol';
import type { Service } from '../service';
import { driftOperations } from './drift';
import { stackOperations, stackQueries } from './stack-operations';
import { changeSetOperations, templateOperations } from './template-operations';

export const cloudFormation: Service = {
  name: 'CloudFormation',
  signingName: 'cloudformation',
  version: '2010-05-15',
  protocol: queryProtocol,
  operations: {
    ...stackOperations,
    ...stackQueries,
    ...changeSetOperations,
    ...templateOperations,
    ...driftOperations,
  },
};
