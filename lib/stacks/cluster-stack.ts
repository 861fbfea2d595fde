/** A stack with one cluster, and outputs to find it by. See {@link Cluster}. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';
import { Cluster, type ClusterProps } from './cluster';
import { type ImportedNetworkAttributes, Network } from './network';

export interface ClusterStackProps extends StackProps, Omit<ClusterProps, 'vpc'> {
  /** The VPC whose private subnets hold the control plane's network interfaces, or the description of one that exists. */
  readonly vpc: ec2.IVpc | ImportedNetworkAttributes;
}

export class ClusterStack extends Stack {
  readonly cluster: eks.Cluster;

  constructor(scope: Construct, id: string, props: ClusterStackProps) {
    super(scope, id, props);
    const vpc = 'privateSubnetIds' in props.vpc ? Network.imported(this, 'Vpc', props.vpc) : props.vpc;
    this.cluster = new Cluster(this, 'Control', { ...props, vpc }).cluster;
    new CfnOutput(this, 'ClusterName', { value: this.cluster.clusterName });
    new CfnOutput(this, 'ClusterEndpoint', { value: this.cluster.clusterEndpoint });
  }
}
