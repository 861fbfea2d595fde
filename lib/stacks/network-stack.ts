/** A stack with the network of an environment and nothing else, since it outlives clusters. See {@link Network}. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { Network, type NetworkProps } from './network';

export interface NetworkStackProps extends StackProps, NetworkProps {}

export class NetworkStack extends Stack {
  readonly network: Network;

  constructor(scope: Construct, id: string, props: NetworkStackProps = {}) {
    super(scope, id, props);
    this.network = new Network(this, 'Network', props);
  }

  get vpc(): ec2.Vpc {
    return this.network.vpc;
  }
}
