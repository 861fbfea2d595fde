/**
 * An EKS add-on: cluster software that EKS installs and updates.
 * https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html
 *
 * The L1 resource, because the L2 of `aws-eks-v2` can neither settle conflicts nor give an add-on an IAM role.
 */
import { CfnAddon, type ICluster } from 'aws-cdk-lib/aws-eks-v2';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { podIdentityRole } from './roles';

/** The AWS permissions of an add-on, given to its service account through EKS Pod Identity. */
export interface AddonIdentity {
  readonly serviceAccount: string;
  /** AWS managed policies by name, e.g. `service-role/AmazonEBSCSIDriverPolicy`. */
  readonly managedPolicies: readonly string[];
  /** @default none */
  readonly statements?: readonly PolicyStatement[];
}

export interface AddonProps {
  readonly cluster: ICluster;
  /** As `aws eks describe-addon-versions` lists it, e.g. `vpc-cni`. */
  readonly addonName: string;
  /** @default the default version for the cluster's Kubernetes version at the time of creation */
  readonly version?: string;
  /** @default none: the add-on calls no AWS API, or uses the node's role */
  readonly identity?: AddonIdentity;
  /** What the add-on's configuration schema allows. @default the add-on's own */
  readonly configuration?: Readonly<Record<string, unknown>>;
}

export class Addon extends Construct {
  readonly resource: CfnAddon;

  constructor(scope: Construct, id: string, props: AddonProps) {
    super(scope, id);
    const { identity } = props;
    this.resource = new CfnAddon(this, 'Resource', {
      addonName: props.addonName,
      addonVersion: props.version,
      clusterName: props.cluster.clusterName,
      configurationValues: props.configuration && JSON.stringify(props.configuration),
      // The add-on's settings win over those of a self-managed installation that it takes over.
      resolveConflicts: 'OVERWRITE',
      podIdentityAssociations: identity && [
        { serviceAccount: identity.serviceAccount, roleArn: podIdentityRole(this, identity).roleArn },
      ],
    });
  }

  /** Creates this add-on after `others`, and deletes it before them. */
  after(...others: readonly Construct[]): this {
    this.resource.node.addDependency(...others);
    return this;
  }
}
