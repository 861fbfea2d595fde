/**
 * Pods without nodes: those that a selector matches run on Fargate, each on a machine of its own.
 * https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
 *
 * The L1 resource, because the L2 of `aws-eks-v2` patches CoreDNS with a kubectl Lambda function. CoreDNS runs on Fargate
 * when a profile selects `kube-system` with `k8s-app=kube-dns` and its add-on is configured with `computeType: Fargate`.
 */
import { CfnFargateProfile, type ICluster } from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { createRole } from './roles';
import { privateSubnets } from './subnets';

export interface FargateSelector {
  /** May hold the wildcards `*` and `?`. */
  readonly namespace: string;
  /** A Pod must have them all. @default every Pod of the namespace */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface FargateProfileProps {
  readonly cluster: ICluster;
  /** One to five; a Pod that matches any of them runs on Fargate. */
  readonly selectors: readonly FargateSelector[];
}

const MOST_SELECTORS = 5;

export class FargateProfile extends Construct {
  readonly resource: CfnFargateProfile;
  /** What the kubelet uses to pull images and write logs, not what Pods may do. */
  readonly podExecutionRole: iam.Role;

  /** @throws Error for none or more than five selectors */
  constructor(scope: Construct, id: string, { cluster, selectors }: FargateProfileProps) {
    super(scope, id);
    if (selectors.length === 0 || selectors.length > MOST_SELECTORS) {
      throw new Error(
        `${this.node.path}: a Fargate profile has one to ${MOST_SELECTORS} selectors, not ${selectors.length}`,
      );
    }
    this.podExecutionRole = createRole(this, 'PodExecutionRole', {
      assumedBy: new iam.ServicePrincipal('eks-fargate-pods.amazonaws.com'),
      managedPolicies: ['AmazonEKSFargatePodExecutionRolePolicy'],
    });
    this.resource = new CfnFargateProfile(this, 'Resource', {
      clusterName: cluster.clusterName,
      podExecutionRoleArn: this.podExecutionRole.roleArn,
      subnets: cluster.vpc.selectSubnets(privateSubnets(cluster.vpc)).subnetIds,
      selectors: selectors.map(({ namespace, labels }) => ({
        namespace,
        ...(labels ? { labels: Object.entries(labels).map(([key, value]) => ({ key, value })) } : {}),
      })),
    });
  }
}
