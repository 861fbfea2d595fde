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
 * Left out: hybrid nodes, Outposts, provisioned control planes (set them on the L1 resource).
 */
import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { Addon } from './addon';
import { type ClusterAccess, grantAccess } from './cluster-access';
import { explainManagedPolicies } from './roles';
import { privateSubnets } from './subnets';

export interface ClusterProps {
  /** Where the control plane's network interfaces go: the VPC's private subnets. */
  readonly vpc: ec2.IVpc;
  /** @default the stack's name */
  readonly clusterName?: string;
  /** Kubernetes' minor version. @default 1.35 */
  readonly version?: eks.KubernetesVersion;
  /**
   * Who makes the nodes: `node-groups` (see NodeGroup), or `auto`, where EKS runs nodes, network, volumes and load
   * balancers itself. https://docs.aws.amazon.com/eks/latest/userguide/automode.html
   * @default node-groups
   */
  readonly compute?: 'node-groups' | 'auto';
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
  /** Who else may do what, in the whole cluster or in some namespaces. @default nobody */
  readonly access?: readonly ClusterAccess[];
  /** The control plane's logs to keep in CloudWatch. @default api, audit and authenticator */
  readonly logging?: readonly eks.ClusterLoggingTypes[];
  /** How long they are kept. @default one month */
  readonly logRetention?: logs.RetentionDays;
  /**
   * Encrypts Secrets with a KMS key on top of EKS' own disk encryption: a key of the cluster's own (true), yours, or none.
   * It cannot be taken back later.
   * @default true
   */
  readonly encryptSecrets?: boolean | kms.IKey;
  /** Gives Pods and Services IPv6 addresses; the VPC must have them, too. It cannot be changed later. @default false */
  readonly ipv6?: boolean;
  /**
   * Makes EKS refuse to delete the cluster. Say true in production; it has to be taken off before teardown.
   * @default false
   */
  readonly deletionProtection?: boolean;
  /** Lets AWS lead traffic away from a zone in trouble. @default true */
  readonly zonalShift?: boolean;
  /**
   * What happens when the Kubernetes version leaves standard support: be upgraded, or pay for extended support.
   * @default STANDARD
   */
  readonly supportType?: 'STANDARD' | 'EXTENDED';
}

const { API, AUDIT, AUTHENTICATOR } = eks.ClusterLoggingTypes;

/** Of the control plane's role; all but the first in Auto Mode only. */
const CLUSTER_POLICIES = [
  'AmazonEKSClusterPolicy',
  'AmazonEKSComputePolicy',
  'AmazonEKSBlockStoragePolicy',
  'AmazonEKSLoadBalancingPolicy',
  'AmazonEKSNetworkingPolicy',
];

export class Cluster extends Construct {
  readonly cluster: eks.Cluster;
  /** Those that exist before any node: network, kube-proxy, Pod Identity agent. None in Auto Mode, which has them built in. */
  readonly addons: readonly Addon[];

  constructor(scope: Construct, id: string, props: ClusterProps) {
    super(scope, id);
    this.cluster = this.createCluster(props);
    this.refine(props);
    explainManagedPolicies(this.cluster.role, CLUSTER_POLICIES);
    this.keepLogs(props.logRetention ?? logs.RetentionDays.ONE_MONTH);
    for (const principal of props.admins ?? [this.createAdminRole().roleArn]) {
      grantAccess(this.cluster, { principal, policy: 'ClusterAdmin' });
    }
    for (const access of props.access ?? []) grantAccess(this.cluster, access);
    this.addons = props.compute === 'auto' ? [] : this.createAddons();
  }

  private get stackName(): string {
    return Stack.of(this).stackName;
  }

  private createCluster(props: ClusterProps): eks.Cluster {
    const { vpc, publicAccessCidrs = [] } = props;
    return new eks.Cluster(this, 'Cluster', {
      clusterName: props.clusterName ?? this.stackName,
      version: props.version ?? eks.KubernetesVersion.V1_35,
      vpc,
      vpcSubnets: [privateSubnets(vpc)],
      endpointAccess:
        publicAccessCidrs.length === 0
          ? eks.EndpointAccess.PRIVATE
          : eks.EndpointAccess.PUBLIC_AND_PRIVATE.onlyFrom(...publicAccessCidrs),
      clusterLogging: [...(props.logging ?? [API, AUDIT, AUTHENTICATOR])],
      secretsEncryptionKey: this.secretsKey(props.encryptSecrets ?? true),
      ...(props.ipv6 ? { ipFamily: eks.IpFamily.IP_V6 } : {}),
      ...(props.compute === 'auto'
        ? { defaultCapacityType: eks.DefaultCapacityType.AUTOMODE }
        : // Node groups are constructs of their own.
          { defaultCapacityType: eks.DefaultCapacityType.NODEGROUP, defaultCapacity: 0 }),
      // Every add-on is an EKS add-on with a name in a template, so that it can be updated.
      bootstrapSelfManagedAddons: false,
      outputConfigCommand: false,
    });
  }

  private secretsKey(encryptSecrets: boolean | kms.IKey): kms.IKey | undefined {
    if (typeof encryptSecrets !== 'boolean') return encryptSecrets;
    if (!encryptSecrets) return undefined;
    return new kms.Key(this, 'SecretsKey', {
      description: `Encrypts the Kubernetes Secrets of ${this.stackName}`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(7),
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** Says what the L2 cannot say, and takes away what only a kubectl provider would need. */
  private refine(props: ClusterProps): void {
    const resource = this.cluster.node.defaultChild as eks.CfnCluster;
    resource.deletionProtection = props.deletionProtection ?? false;
    resource.upgradePolicy = { supportType: props.supportType ?? 'STANDARD' };
    resource.zonalShiftConfig = { enabled: props.zonalShift ?? true };
    // An SSM parameter that holds back manifests until the access entries are there.
    this.cluster.node.tryRemoveChild('KubectlReadyBarrier');
  }

  /** EKS would make the log group by itself, keep it for ever, and leave it behind. */
  private keepLogs(retention: logs.RetentionDays): void {
    const resource = this.cluster.node.defaultChild as eks.CfnCluster;
    const logGroup = new logs.LogGroup(this, 'Logs', {
      logGroupName: `/aws/eks/${resource.name}/cluster`,
      retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    resource.node.addDependency(logGroup);
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
}
