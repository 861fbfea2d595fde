/**
 * Load balancers: the AWS permissions of the controller that makes them for Services and Ingresses, and the wiring of
 * load balancers that a stack makes itself. https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/
 *
 * A load balancer that belongs to a stack outlives clusters and is torn down by CloudFormation; its target group is filled
 * by a TargetGroupBinding in the cluster. `bind` opens the way from the one to the other and puts the target group's ARN
 * among the stack's outputs; the binding itself is an object of the chart `LoadBalancing` of `eks-drydock/charts`.
 *
 * In Auto Mode EKS brings the controller itself and needs none of the permissions.
 */
import { CfnOutput } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { ICluster } from 'aws-cdk-lib/aws-eks-v2';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { loadBalancerController } from '../platform-service-accounts';
import { PodIdentity } from './pod-identity';
import { loadBalancerControllerStatements } from './policies/load-balancer-controller-policy';

export interface LoadBalancingProps {
  readonly cluster: ICluster;
}

export interface TargetBinding {
  readonly targetGroup: elbv2.ITargetGroup;
  /** Whatever the load balancer sends from: its security groups. */
  readonly from: ec2.IConnectable;
  /** The port on which Pods (target type `ip`) answer. */
  readonly port: number;
}

export class LoadBalancing extends Construct {
  readonly identity: PodIdentity;
  private readonly cluster: ICluster;

  constructor(scope: Construct, id: string, { cluster }: LoadBalancingProps) {
    super(scope, id);
    this.cluster = cluster;
    this.identity = new PodIdentity(this, 'Controller', {
      cluster,
      serviceAccount: loadBalancerController,
      statements: loadBalancerControllerStatements(cluster.clusterName),
    });
  }

  /**
   * Lets a load balancer of a stack reach Pods of the cluster.
   * @param id names the output: `<id>TargetGroupArn`
   */
  bind(id: string, { targetGroup, from, port }: TargetBinding): void {
    this.cluster.connections.allowFrom(from, ec2.Port.tcp(port), `${id}: load balancer to Pods`);
    new CfnOutput(this, `${id}TargetGroupArn`, { value: targetGroup.targetGroupArn }).overrideLogicalId(
      `${id}TargetGroupArn`,
    );
  }
}
