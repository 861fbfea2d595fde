/**
 * IAM roles, with the reasons for what reviewers (and cdk-nag, whose rules IAM4 and IAM5 these are) ask about: why a policy
 * of AWS is used, and why a statement is not limited to single resources.
 * https://github.com/cdklabs/cdk-nag/blob/main/RULES.md#awssolutions
 */
import { Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export interface RoleOptions {
  readonly assumedBy: iam.IPrincipal;
  /** AWS managed policies by name, e.g. `service-role/AmazonEBSCSIDriverPolicy`. @default none */
  readonly managedPolicies?: readonly string[];
  /** @default none */
  readonly statements?: readonly iam.PolicyStatement[];
}

export function createRole(scope: Construct, id: string, options: RoleOptions): iam.Role {
  const { assumedBy, managedPolicies = [], statements = [] } = options;
  const role = new iam.Role(scope, id, {
    assumedBy,
    managedPolicies: managedPolicies.map((name) => iam.ManagedPolicy.fromAwsManagedPolicyName(name)),
  });
  for (const statement of statements) role.addToPolicy(statement);
  explainManagedPolicies(role, managedPolicies);
  explainWildcards(role, statements);
  return role;
}

/** A role that Pods may assume through the Pod Identity agent. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html */
export function podIdentityRole(scope: Construct, options: Omit<RoleOptions, 'assumedBy'>): iam.Role {
  const assumedBy = new iam.ServicePrincipal('pods.eks.amazonaws.com').withSessionTags();
  return createRole(scope, 'Role', { assumedBy, ...options });
}

/** The role of instances that join a cluster: they register, pull images, and let themselves be reached by Session Manager. */
export function nodeRole(scope: Construct, id: string): iam.Role {
  return createRole(scope, id, {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    managedPolicies: [
      'AmazonEKSWorkerNodePolicy',
      'AmazonEC2ContainerRegistryPullOnly',
      'AmazonSSMManagedInstanceCore',
    ],
  });
}

export function explainManagedPolicies(role: Construct, names: readonly string[]): void {
  const reason = 'AWS keeps this policy in step with the service that needs it; a copy would fall behind';
  for (const name of names) {
    const id = `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}]`;
    Validations.of(role).acknowledge({ id, reason });
  }
}

function explainWildcards(role: Construct, statements: readonly iam.PolicyStatement[]): void {
  const reason =
    'The actions read, or change what the controller makes under names of its own; a condition on the tags of its cluster limits them where IAM can';
  const wild = new Set(statements.flatMap(({ resources }) => resources).filter((resource) => resource.includes('*')));
  for (const resource of wild) {
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
  }
}
