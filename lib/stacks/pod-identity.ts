/**
 * AWS permissions for the Pods of one service account, through EKS Pod Identity: a role that the Pod Identity agent hands
 * out, and the association that says to whom. Unlike roles for service accounts (IRSA) it needs neither an OIDC provider
 * nor an annotation, so the Kubernetes side does not have to know the role.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
 */
import { CfnPodIdentityAssociation, type ICluster } from 'aws-cdk-lib/aws-eks-v2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ServiceAccountName } from '../platform-service-accounts';
import { podIdentityRole } from './roles';

export interface PodIdentityProps {
  readonly cluster: ICluster;
  readonly serviceAccount: ServiceAccountName;
  /** AWS managed policies by name. @default none */
  readonly managedPolicies?: readonly string[];
  /** @default none */
  readonly statements?: readonly iam.PolicyStatement[];
}

export class PodIdentity extends Construct {
  readonly role: iam.Role;
  readonly association: CfnPodIdentityAssociation;

  constructor(scope: Construct, id: string, props: PodIdentityProps) {
    super(scope, id);
    const { cluster, serviceAccount, managedPolicies, statements } = props;
    this.role = podIdentityRole(this, { managedPolicies, statements });
    this.association = new CfnPodIdentityAssociation(this, 'Association', {
      clusterName: cluster.clusterName,
      namespace: serviceAccount.namespace,
      serviceAccount: serviceAccount.name,
      roleArn: this.role.roleArn,
    });
  }
}
