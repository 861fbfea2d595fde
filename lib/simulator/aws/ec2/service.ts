/**
 * EC2's API, as far as networks, nodes and their leftovers need it.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Welcome.html
 */
import { ec2Protocol } from '../http/query-protocol';
import type { Service } from '../service';
import { groupOperations } from './group-operations';
import { instanceOperations } from './instance-operations';
import { networkOperations } from './network-operations';

export const ec2: Service = {
  name: 'Ec2',
  signingName: 'ec2',
  version: '2016-11-15',
  protocol: ec2Protocol,
  operations: { ...networkOperations, ...groupOperations, ...instanceOperations },
};
