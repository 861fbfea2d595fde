/**
 * Nodes that come and go with the Pods: what an autoscaler in the cluster needs of AWS.
 *
 * - ClusterAutoscaler changes the size of node groups. https://docs.aws.amazon.com/eks/latest/best-practices/cas.html
 * - Karpenter launches instances itself, of whatever type fits, into subnets and security groups that carry the tag
 *   `karpenter.sh/discovery`. https://karpenter.sh/docs/
 *
 * The Kubernetes halves are the charts of the same names in `eks-drydock/charts`.
 */
import { CfnOutput, Duration, RemovalPolicy, Tags, Validations } from 'aws-cdk-lib';
import { AccessEntry, AccessEntryType, type ICluster } from 'aws-cdk-lib/aws-eks-v2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { clusterAutoscaler, karpenter } from '../platform-service-accounts';
import { PodIdentity } from './pod-identity';
import { clusterAutoscalerStatements } from './policies/cluster-autoscaler-policy';
import { karpenterStatements } from './policies/karpenter-policy';
import { nodeRole } from './roles';

export interface AutoscalingProps {
  readonly cluster: ICluster;
}

export class ClusterAutoscaler extends Construct {
  readonly identity: PodIdentity;

  constructor(scope: Construct, id: string, { cluster }: AutoscalingProps) {
    super(scope, id);
    this.identity = new PodIdentity(this, 'Controller', {
      cluster,
      serviceAccount: clusterAutoscaler,
      statements: clusterAutoscalerStatements(cluster.clusterName),
    });
  }
}

/** What EC2 announces of an instance that Karpenter should drain in time. https://karpenter.sh/docs/concepts/disruption/#interruption */
const INTERRUPTIONS: Readonly<Record<string, { readonly source: string; readonly detailType: string }>> = {
  ScheduledChange: { source: 'aws.health', detailType: 'AWS Health Event' },
  SpotInterruption: { source: 'aws.ec2', detailType: 'EC2 Spot Instance Interruption Warning' },
  Rebalance: { source: 'aws.ec2', detailType: 'EC2 Instance Rebalance Recommendation' },
  StateChange: { source: 'aws.ec2', detailType: 'EC2 Instance State-change Notification' },
};

export class Karpenter extends Construct {
  readonly identity: PodIdentity;
  /** The role of the nodes that Karpenter launches; named in the EC2NodeClass. */
  readonly nodeRole: iam.Role;
  readonly queue: sqs.Queue;

  constructor(scope: Construct, id: string, { cluster }: AutoscalingProps) {
    super(scope, id);
    this.nodeRole = this.createNodeRole(cluster);
    this.queue = this.createInterruptionQueue();
    this.identity = new PodIdentity(this, 'Controller', {
      cluster,
      serviceAccount: karpenter,
      statements: karpenterStatements({
        clusterName: cluster.clusterName,
        clusterArn: cluster.clusterArn,
        nodeRoleArn: this.nodeRole.roleArn,
        queueArn: this.queue.queueArn,
      }),
    });
    Tags.of(cluster.clusterSecurityGroup).add('karpenter.sh/discovery', cluster.clusterName);
    new CfnOutput(this, 'NodeRoleName', { value: this.nodeRole.roleName });
    new CfnOutput(this, 'InterruptionQueue', { value: this.queue.queueName });
  }

  /** Without the access entry, nodes that no node group made are not let into the cluster. */
  private createNodeRole(cluster: ICluster): iam.Role {
    const role = nodeRole(this, 'NodeRole');
    new AccessEntry(this, 'NodeAccess', {
      cluster,
      principal: role.roleArn,
      accessEntryType: AccessEntryType.EC2_LINUX,
      accessPolicies: [],
    });
    return role;
  }

  private createInterruptionQueue(): sqs.Queue {
    const queue = new sqs.Queue(this, 'Interruptions', {
      // A warning older than this is about an instance that is gone.
      retentionPeriod: Duration.minutes(5),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'A warning that nobody picked up in time is worthless; there is nothing to keep in a dead-letter queue',
    });
    for (const [id, { source, detailType }] of Object.entries(INTERRUPTIONS)) {
      new events.Rule(this, id, {
        eventPattern: { source: [source], detailType: [detailType] },
        targets: [new targets.SqsQueue(queue)],
      });
    }
    return queue;
  }
}
