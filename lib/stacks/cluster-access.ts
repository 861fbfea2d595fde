/**
 * Who may do what in a cluster: an access entry for an IAM principal, with one of EKS's access policies.
 * https://docs.aws.amazon.com/eks/latest/userguide/access-policies.html
 */
import * as eks from 'aws-cdk-lib/aws-eks-v2';

export interface ClusterAccess {
  /** ARN of an IAM role or user. */
  readonly principal: string;
  /**
   * `ClusterAdmin` may do everything; `Admin` everything within namespaces but quotas; `Edit` may change workloads, `View`
   * may read them, neither sees roles and only `Edit` sees Secrets.
   */
  readonly policy: 'ClusterAdmin' | 'Admin' | 'Edit' | 'View';
  /** @default the whole cluster */
  readonly namespaces?: readonly string[];
}

/** The construct's id comes from the principal: the same principal may be named once for each policy. */
export function grantAccess(cluster: eks.Cluster, { principal, policy, namespaces }: ClusterAccess): void {
  if (namespaces && policy === 'ClusterAdmin') {
    throw new Error(`${principal}: ClusterAdmin is for the whole cluster; for ${namespaces.join(', ')} give it Admin`);
  }
  const scope = namespaces
    ? { accessScopeType: eks.AccessScopeType.NAMESPACE, namespaces: [...namespaces] }
    : { accessScopeType: eks.AccessScopeType.CLUSTER };
  const count = cluster.node.children.filter(({ node }) => node.id.startsWith(policy)).length;
  cluster.grantAccess(`${policy}${count + 1}`, principal, [
    eks.AccessPolicy.fromAccessPolicyName(`AmazonEKS${policy}Policy`, scope),
  ]);
}
