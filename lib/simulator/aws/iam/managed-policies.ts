/**
 * AWS's own policies, as far as the controllers of clusters use them: the actions, shortened to what decides.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 *
 * One that is not in this list cannot be evaluated: it allows everything.
 */
const allow = (Action: readonly string[] | string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

const DOCUMENTS: Readonly<Record<string, unknown>> = {
  AdministratorAccess: allow('*'),
  ReadOnlyAccess: allow(['*:Describe*', '*:Get*', '*:List*']),
  AmazonEKSWorkerNodePolicy: allow(['ec2:Describe*', 'eks:DescribeCluster', 'eks-auth:AssumeRoleForPodIdentity']),
  AmazonEKSWorkerNodeMinimalPolicy: allow(['ec2:DescribeInstances', 'eks-auth:AssumeRoleForPodIdentity']),
  AmazonEC2ContainerRegistryReadOnly: allow(['ecr:BatchGet*', 'ecr:Describe*', 'ecr:Get*', 'ecr:List*']),
  AmazonEC2ContainerRegistryPullOnly: allow([
    'ecr:BatchGetImage',
    'ecr:GetAuthorizationToken',
    'ecr:GetDownloadUrlForLayer',
  ]),
  AmazonEKS_CNI_Policy: allow([
    'ec2:AssignPrivateIpAddresses',
    'ec2:AttachNetworkInterface',
    'ec2:CreateNetworkInterface',
    'ec2:CreateTags',
    'ec2:DeleteNetworkInterface',
    'ec2:Describe*',
    'ec2:DetachNetworkInterface',
    'ec2:ModifyNetworkInterfaceAttribute',
    'ec2:UnassignPrivateIpAddresses',
  ]),
  'service-role/AmazonEBSCSIDriverPolicy': allow([
    'ec2:AttachVolume',
    'ec2:CreateSnapshot',
    'ec2:CreateTags',
    'ec2:CreateVolume',
    'ec2:DeleteSnapshot',
    'ec2:DeleteTags',
    'ec2:DeleteVolume',
    'ec2:Describe*',
    'ec2:DetachVolume',
    'ec2:EnableFastSnapshotRestores',
    'ec2:ModifyVolume',
  ]),
  'service-role/AmazonEFSCSIDriverPolicy': allow([
    'ec2:DescribeAvailabilityZones',
    'elasticfilesystem:CreateAccessPoint',
    'elasticfilesystem:DeleteAccessPoint',
    'elasticfilesystem:Describe*',
    'elasticfilesystem:TagResource',
  ]),
  CloudWatchAgentServerPolicy: allow([
    'cloudwatch:PutMetricData',
    'ec2:Describe*',
    'logs:*',
    'ssm:GetParameter',
    'xray:*',
  ]),
};

/** `arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy` -> its document. */
export function managedPolicyDocument(arn: string): unknown {
  return DOCUMENTS[arn.split(':policy/')[1] ?? ''] ?? allow('*');
}
