/**
 * What the AWS Load Balancer Controller may do. It may read everything of its kind, and change what carries the tag of its
 * own cluster; the controller tags whatever it makes.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/installation/#configure-iam
 */
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

const CLUSTER_TAG = 'elbv2.k8s.aws/cluster';

const DESCRIBE_EC2 = [
  'AccountAttributes',
  'Addresses',
  'AvailabilityZones',
  'CoipPools',
  'Instances',
  'InternetGateways',
  'IpamPools',
  'NetworkInterfaces',
  'RouteTables',
  'SecurityGroups',
  'Subnets',
  'Tags',
  'VpcPeeringConnections',
  'Vpcs',
].map((what) => `ec2:Describe${what}`);

const DESCRIBE_LOAD_BALANCERS = [
  'CapacityReservation',
  'ListenerAttributes',
  'ListenerCertificates',
  'Listeners',
  'LoadBalancerAttributes',
  'LoadBalancers',
  'Rules',
  'SSLPolicies',
  'Tags',
  'TargetGroupAttributes',
  'TargetGroups',
  'TargetHealth',
  'TrustStores',
].map((what) => `elasticloadbalancing:Describe${what}`);

export function loadBalancerControllerStatements(clusterName: string): PolicyStatement[] {
  const made = { StringEquals: { [`aws:RequestTag/${CLUSTER_TAG}`]: clusterName } };
  const owned = { StringEquals: { [`aws:ResourceTag/${CLUSTER_TAG}`]: clusterName } };
  const allow = (actions: string[], resources: string[] = ['*'], conditions?: Record<string, unknown>) =>
    new PolicyStatement({ effect: Effect.ALLOW, actions, resources, ...(conditions ? { conditions } : {}) });
  const elb = (...operations: string[]) => operations.map((operation) => `elasticloadbalancing:${operation}`);
  const resources = (...kinds: string[]) => kinds.map((kind) => `arn:*:elasticloadbalancing:*:*:${kind}`);
  const targetGroups = resources('targetgroup/*/*');
  const balancers = resources('loadbalancer/net/*/*', 'loadbalancer/app/*/*');
  const listeners = resources(
    'listener/net/*/*/*',
    'listener/app/*/*/*',
    'listener-rule/net/*/*/*',
    'listener-rule/app/*/*/*',
  );
  const securityGroups = ['arn:*:ec2:*:*:security-group/*'];
  return [
    allow(['iam:CreateServiceLinkedRole'], ['*'], {
      StringEquals: { 'iam:AWSServiceName': 'elasticloadbalancing.amazonaws.com' },
    }),
    allow([...DESCRIBE_EC2, 'ec2:GetCoipPoolUsage', 'ec2:GetSecurityGroupsForVpc', ...DESCRIBE_LOAD_BALANCERS]),
    // Certificates, firewalls and user pools that annotations name.
    allow([
      'acm:DescribeCertificate',
      'acm:ListCertificates',
      'cognito-idp:DescribeUserPoolClient',
      'iam:GetServerCertificate',
      'iam:ListServerCertificates',
      'shield:CreateProtection',
      'shield:DeleteProtection',
      'shield:DescribeProtection',
      'shield:GetSubscriptionState',
      'wafv2:AssociateWebACL',
      'wafv2:DisassociateWebACL',
      'wafv2:GetWebACL',
      'wafv2:GetWebACLForResource',
    ]),
    // Rules of the nodes' security group, which is not the controller's own.
    allow(['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress', 'ec2:CreateSecurityGroup']),
    allow(['ec2:CreateTags'], securityGroups, {
      StringEquals: { 'ec2:CreateAction': 'CreateSecurityGroup', ...made.StringEquals },
    }),
    allow(['ec2:CreateTags', 'ec2:DeleteTags', 'ec2:DeleteSecurityGroup'], securityGroups, owned),
    allow(elb('CreateLoadBalancer', 'CreateTargetGroup'), ['*'], made),
    allow(elb('AddTags'), [...targetGroups, ...balancers], {
      StringEquals: {
        'elasticloadbalancing:CreateAction': ['CreateTargetGroup', 'CreateLoadBalancer'],
        ...made.StringEquals,
      },
    }),
    allow(elb('AddTags', 'RemoveTags'), [...targetGroups, ...balancers], owned),
    allow(elb('AddTags', 'RemoveTags'), listeners),
    allow(
      elb(
        'DeleteLoadBalancer',
        'DeleteTargetGroup',
        'ModifyCapacityReservation',
        'ModifyIpPools',
        'ModifyListenerAttributes',
        'ModifyLoadBalancerAttributes',
        'ModifyTargetGroup',
        'ModifyTargetGroupAttributes',
        'SetIpAddressType',
        'SetSecurityGroups',
        'SetSubnets',
      ),
      ['*'],
      owned,
    ),
    allow(
      elb(
        'AddListenerCertificates',
        'CreateListener',
        'CreateRule',
        'DeleteListener',
        'DeleteRule',
        'ModifyListener',
        'ModifyRule',
        'RemoveListenerCertificates',
        'SetRulePriorities',
        'SetWebAcl',
      ),
    ),
    // Also of target groups that a stack made and a TargetGroupBinding names.
    allow(elb('RegisterTargets', 'DeregisterTargets'), targetGroups),
  ];
}
