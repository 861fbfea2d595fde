/**
 * An EKS control plane and the add-ons that have to be there before the first node joins.
 * https://docs.aws.amazon.com/eks/latest/userguide/clusters.html
 *
 * Built on `aws-eks-v2`, whose cluster is a plain CloudFormation type: the older `aws-eks` puts Lambda functions and
 * custom resources around it. What the L2 cannot say (deletion protection, support policy, zonal shift) is set on the
 * L1 resource below it. Kubernetes objects are not CloudFormation's business: the manifest layer and the apply engine
 * bring them, so there is no kubectl provider here.
 *
 * Who may use the cluster is said with access entries. https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
 *
 * Left out: Auto Mode, Fargate, hybrid nodes, IPv6.
 */
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { Addon } from './addon';

export interface ClusterStackProps extends StackProps {
  /** Where the control plane's network interfaces go: the VPC's private subnets. */
  readonly vpc: ec2.IVpc;
  /** @default the stack's name */
  readonly clusterName?: string;
  /** Kubernetes' minor version. @default 1.35 */
  readonly version?: eks.KubernetesVersion;
  /**
   * The networks from which the API server's public endpoint answers, e.g. the office's `198.51.100.0/24`.
   * @default none: only the private endpoint, from inside the VPC
   */
  readonly publicAccessCidrs?: readonly string[];
  /**
   * ARNs of the IAM roles and users that administer the cluster.
   * @default one new role, which the account's own principals may be allowed to assume
   */
  readonly admins?: readonly string[];
  /** The control plane's logs to keep in CloudWatch. @default api, audit and authenticator */
  readonly logging?: readonly eks.ClusterLoggingTypes[];
  /** Encrypts Secrets with a KMS key of the stack on top of EKS' own disk encryption. @default true */
  readonly encryptSecrets?: boolean;
  /**
   * Makes EKS refuse to delete the cluster. Say true in production; it has to be taken off before teardown.
   * @default false
   */
  readonly deletionProtection?: boolean;
  /**
   * What happens when the Kubernetes version leaves standard support: be upgraded, or pay for extended support.
   * @default STANDARD
   */
  readonly supportType?: 'STANDARD' | 'EXTENDED';
}

const { API, AUDIT, AUTHENTICATOR } = eks.ClusterLoggingTypes;

export class ClusterStack extends Stack {
  readonly cluster: eks.Cluster;
  /** Those that exist before any node: network, kube-proxy, Pod Identity agent. */
  readonly addons: readonly Addon[];

  constructor(scope: Construct, id: string, props: ClusterStackProps) {
    super(scope, id, props);
    this.cluster = this.createCluster(props);
    this.refine(props);
    this.grantAdmins(props.admins);
    this.addons = this.createAddons();
    this.describe();
  }

  private createCluster(props: ClusterStackProps): eks.Cluster {
    const { vpc, publicAccessCidrs = [] } = props;
    return new eks.Cluster(this, 'Cluster', {
      clusterName: props.clusterName ?? this.stackName,
      version: props.version ?? eks.KubernetesVersion.V1_35,
      vpc,
      vpcSubnets: [{ subnetType: SubnetType.PRIVATE_WITH_EGRESS }],
      endpointAccess:
        publicAccessCidrs.length === 0
          ? eks.EndpointAccess.PRIVATE
          : eks.EndpointAccess.PUBLIC_AND_PRIVATE.onlyFrom(...publicAccessCidrs),
      clusterLogging: [...(props.logging ?? [API, AUDIT, AUTHENTICATOR])],
      secretsEncryptionKey: props.encryptSecrets === false ? undefined : this.createSecretsKey(),
      // Node groups are a stack of their own, and Auto Mode, the default of aws-eks-v2, is not used.
      defaultCapacityType: eks.DefaultCapacityType.NODEGROUP,
      defaultCapacity: 0,
      // Every add-on is an EKS add-on with a name in a template, so that it can be updated.
      bootstrapSelfManagedAddons: false,
      outputConfigCommand: false,
    });
  }

  private createSecretsKey(): kms.Key {
    return new kms.Key(this, 'SecretsKey', {
      description: `Encrypts the Kubernetes Secrets of ${this.stackName}`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(7),
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** Says what the L2 cannot say, and takes away what only a kubectl provider would need. */
  private refine(props: ClusterStackProps): void {
    const resource = this.cluster.node.defaultChild as eks.CfnCluster;
    resource.deletionProtection = props.deletionProtection ?? false;
    resource.upgradePolicy = { supportType: props.supportType ?? 'STANDARD' };
    resource.zonalShiftConfig = { enabled: true };
    // An SSM parameter that holds back manifests until the access entries are there.
    this.cluster.node.tryRemoveChild('KubectlReadyBarrier');
  }

  private grantAdmins(admins: readonly string[] | undefined): void {
    const principals = admins ?? [this.createAdminRole().roleArn];
    principals.forEach((principal, index) => {
      this.cluster.grantClusterAdmin(`Admin${index + 1}`, principal);
    });
  }

  private createAdminRole(): iam.Role {
    const role = new iam.Role(this, 'AdminRole', {
      description: `Administers the Kubernetes cluster ${this.stackName}`,
      assumedBy: new iam.AccountRootPrincipal(),
    });
    new CfnOutput(this, 'AdminRoleArn', { value: role.roleArn });
    return role;
  }

  private createAddons(): Addon[] {
    const { cluster } = this;
    const podIdentityAgent = new Addon(this, 'PodIdentityAgent', { cluster, addonName: 'eks-pod-identity-agent' });
    const kubeProxy = new Addon(this, 'KubeProxy', { cluster, addonName: 'kube-proxy' });
    const vpcCni = new Addon(this, 'VpcCni', {
      cluster,
      addonName: 'vpc-cni',
      // So that Pods, which can reach their node's role, do not inherit the right to rewire the network.
      identity: { serviceAccount: 'aws-node', managedPolicies: ['AmazonEKS_CNI_Policy'] },
    }).after(podIdentityAgent);
    return [podIdentityAgent, kubeProxy, vpcCni];
  }

  private describe(): void {
    new CfnOutput(this, 'ClusterName', { value: this.cluster.clusterName });
    new CfnOutput(this, 'ClusterEndpoint', { value: this.cluster.clusterEndpoint });
  }
}
