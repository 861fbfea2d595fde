/** A stack with one cluster, and outputs to find it by. See {@link Cluster}. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';
import { Cluster, type ClusterProps } from './cluster';

export interface ClusterStackProps extends StackProps, ClusterProps {}

export class ClusterStack extends Stack {
  readonly cluster: eks.Cluster;

  constructor(scope: Construct, id: string, props: ClusterStackProps) {
    super(scope, id, props);
    this.cluster = new Cluster(this, 'Control', props).cluster;
    new CfnOutput(this, 'ClusterName', { value: this.cluster.clusterName });
    new CfnOutput(this, 'ClusterEndpoint', { value: this.cluster.clusterEndpoint });
  }
}
