/**
 * What Karpenter may do: launch and remove instances that carry the tag of its cluster, hand them the node role, and
 * listen to its interruption queue. https://karpenter.sh/docs/reference/cloudformation/
 */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

export interface KarpenterResources {
  readonly clusterName: string;
  readonly clusterArn: string;
  readonly nodeRoleArn: string;
  readonly queueArn: string;
}

export function karpenterStatements({
  clusterName,
  clusterArn,
  nodeRoleArn,
  queueArn,
}: KarpenterResources): PolicyStatement[] {
  const made = {
    StringEquals: { 'aws:RequestTag/eks:eks-cluster-name': clusterName },
    StringLike: { 'aws:RequestTag/karpenter.sh/nodepool': '*' },
  };
  const owned = {
    StringEquals: { 'aws:ResourceTag/eks:eks-cluster-name': clusterName },
    StringLike: { 'aws:ResourceTag/karpenter.sh/nodepool': '*' },
  };
  const ec2 = (...kinds: string[]) => kinds.map((kind) => `arn:*:ec2:*:*:${kind}/*`);
  const launched = ec2('fleet', 'instance', 'volume', 'network-interface', 'launch-template', 'spot-instances-request');
  return [
    new PolicyStatement({
      actions: [
        'ec2:DescribeCapacityReservations',
        'ec2:DescribeImages',
        'ec2:DescribeInstances',
        'ec2:DescribeInstanceStatus',
        'ec2:DescribeInstanceTypeOfferings',
        'ec2:DescribeInstanceTypes',
        'ec2:DescribeLaunchTemplates',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSpotPriceHistory',
        'ec2:DescribeSubnets',
        'iam:ListInstanceProfiles',
        'pricing:GetProducts',
      ],
      resources: ['*'],
    }),
    new PolicyStatement({ actions: ['ssm:GetParameter'], resources: ['arn:*:ssm:*::parameter/aws/service/*'] }),
    new PolicyStatement({ actions: ['eks:DescribeCluster'], resources: [clusterArn] }),
    // What instances are launched from ...
    new PolicyStatement({
      actions: ['ec2:RunInstances', 'ec2:CreateFleet'],
      resources: [
        'arn:*:ec2:*::image/*',
        'arn:*:ec2:*::snapshot/*',
        ...ec2('security-group', 'subnet', 'capacity-reservation'),
      ],
    }),
    new PolicyStatement({
      actions: ['ec2:RunInstances', 'ec2:CreateFleet'],
      resources: ec2('launch-template'),
      conditions: owned,
    }),
    // ... and what comes of it.
    new PolicyStatement({
      actions: ['ec2:RunInstances', 'ec2:CreateFleet', 'ec2:CreateLaunchTemplate', 'ec2:CreateTags'],
      resources: launched,
      conditions: made,
    }),
    new PolicyStatement({
      actions: ['ec2:TerminateInstances', 'ec2:DeleteLaunchTemplate', 'ec2:CreateTags'],
      resources: ec2('instance', 'launch-template'),
      conditions: owned,
    }),
    new PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [nodeRoleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    }),
    new PolicyStatement({
      actions: [
        'iam:AddRoleToInstanceProfile',
        'iam:CreateInstanceProfile',
        'iam:DeleteInstanceProfile',
        'iam:GetInstanceProfile',
        'iam:RemoveRoleFromInstanceProfile',
        'iam:TagInstanceProfile',
      ],
      resources: ['arn:*:iam::*:instance-profile/*'],
    }),
    new PolicyStatement({
      actions: ['sqs:DeleteMessage', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'],
      resources: [queueArn],
    }),
  ];
}
