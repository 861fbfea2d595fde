/**
 * A managed node group: EC2 instances in an Auto Scaling group whose updates EKS carries out, and the add-ons that need
 * nodes to run on. https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
 *
 * CoreDNS and the EBS CSI driver are Deployments: made before the first node, they stay DEGRADED until one joins and can
 * hold a stack up for twenty minutes. So they come after the node group.
 *
 * Left out: Windows, GPU and Bottlerocket images, warm pools, remote access (use Session Manager).
 */
import { Stack, type StackProps, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { Addon } from './addon';

export interface NodeGroupStackProps extends StackProps {
  readonly cluster: eks.ICluster;
  /** All of one CPU architecture; the image follows from it. @default m6i.large */
  readonly instanceTypes?: readonly ec2.InstanceType[];
  /** @default 1 */
  readonly minSize?: number;
  /** @default the desired size, or the minimum when that is larger */
  readonly maxSize?: number;
  /**
   * Nodes at the start. CloudFormation sets it again whenever this number changes, whatever an autoscaler did meanwhile.
   * @default 3
   */
  readonly desiredSize?: number;
  /** @default ON_DEMAND */
  readonly capacityType?: eks.CapacityType;
  /** Labels of the Nodes. @default none but those of EKS */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default none */
  readonly taints?: readonly eks.TaintSpec[];
  /** GiB of the encrypted gp3 root volume. @default 50 */
  readonly diskSize?: number;
  /**
   * How many per cent of the nodes an update may replace at a time, at least one. Their Pods are evicted with respect
   * for PodDisruptionBudgets, and an update that they block fails instead of breaking them.
   * @default 33
   */
  readonly maxUnavailablePercentage?: number;
  /**
   * CoreDNS and the EBS CSI driver. Say false for the second and later node groups of a cluster.
   * @default true
   */
  readonly clusterAddons?: boolean;
}

const DEFAULT_SIZE = 3;

export class NodeGroupStack extends Stack {
  readonly nodeGroup: eks.Nodegroup;
  readonly addons: readonly Addon[];

  constructor(scope: Construct, id: string, props: NodeGroupStackProps) {
    super(scope, id, props);
    const { minSize = 1 } = props;
    const desiredSize = props.desiredSize ?? Math.max(DEFAULT_SIZE, minSize);
    const instanceTypes = [...(props.instanceTypes ?? [new ec2.InstanceType('m6i.large')])];
    this.nodeGroup = new eks.Nodegroup(this, 'NodeGroup', {
      cluster: props.cluster,
      subnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      amiType: amiTypeFor(instanceTypes[0]!),
      instanceTypes,
      capacityType: props.capacityType ?? eks.CapacityType.ON_DEMAND,
      minSize,
      desiredSize,
      maxSize: props.maxSize ?? Math.max(desiredSize, minSize),
      maxUnavailablePercentage: props.maxUnavailablePercentage ?? 33,
      // True, the default of the L2, would replace nodes against the PodDisruptionBudgets.
      forceUpdate: false,
      enableNodeAutoRepair: true,
      labels: props.labels,
      taints: props.taints && [...props.taints],
      nodeRole: this.createNodeRole(),
      launchTemplateSpec: this.createLaunchTemplate(props.diskSize ?? 50),
    });
    this.addons = props.clusterAddons === false ? [] : this.createAddons(props.cluster);
  }

  private createNodeRole(): iam.Role {
    const policies = [
      'AmazonEKSWorkerNodePolicy',
      'AmazonEC2ContainerRegistryPullOnly',
      'AmazonSSMManagedInstanceCore',
    ];
    return new iam.Role(this, 'NodeRole', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: policies.map((name) => iam.ManagedPolicy.fromAwsManagedPolicyName(name)),
    });
  }

  /**
   * Session tokens for the instance metadata (IMDSv2), and one network hop to it, so that Pods outside of the host's
   * network cannot pick up the node's credentials.
   * https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
   */
  private createLaunchTemplate(diskSize: number): eks.LaunchTemplateSpec {
    const template = new ec2.LaunchTemplate(this, 'LaunchTemplate', {
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: ec2.BlockDeviceVolume.ebs(diskSize, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }),
        },
      ],
    });
    Tags.of(template).add('Name', this.stackName);
    return { id: template.launchTemplateId!, version: template.latestVersionNumber };
  }

  private createAddons(cluster: eks.ICluster): Addon[] {
    const coreDns = new Addon(this, 'CoreDns', { cluster, addonName: 'coredns' });
    const ebsCsiDriver = new Addon(this, 'EbsCsiDriver', {
      cluster,
      addonName: 'aws-ebs-csi-driver',
      identity: {
        serviceAccount: 'ebs-csi-controller-sa',
        managedPolicies: ['service-role/AmazonEBSCSIDriverPolicy'],
      },
    });
    const addons = [coreDns, ebsCsiDriver];
    for (const addon of addons) addon.after(this.nodeGroup);
    return addons;
  }
}

function amiTypeFor(instanceType: ec2.InstanceType): eks.NodegroupAmiType {
  return instanceType.architecture === ec2.InstanceArchitecture.ARM_64
    ? eks.NodegroupAmiType.AL2023_ARM_64_STANDARD
    : eks.NodegroupAmiType.AL2023_X86_64_STANDARD;
}
