/**
 * A managed node group: EC2 instances in an Auto Scaling group whose updates EKS carries out.
 * https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
 *
 * Left out: Windows, warm pools, remote access (use Session Manager), capacity blocks.
 */
import { Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { imageFor, type NodeOperatingSystem } from './node-image';
import { nodeRole } from './roles';
import { privateSubnets } from './subnets';

export interface NodeGroupProps {
  readonly cluster: eks.ICluster;
  /** All of one CPU architecture and one kind of accelerator; the image follows from it. @default m6i.large */
  readonly instanceTypes?: readonly ec2.InstanceType[];
  /** @default al2023 */
  readonly operatingSystem?: NodeOperatingSystem;
  /** @default 1 */
  readonly minSize?: number;
  /** @default the desired size, or the minimum when that is larger */
  readonly maxSize?: number;
  /**
   * Nodes at the start. CloudFormation sets it again whenever this number changes, whatever an autoscaler did meanwhile.
   * @default 3, within the limits
   */
  readonly desiredSize?: number;
  /** @default ON_DEMAND */
  readonly capacityType?: eks.CapacityType;
  /** Labels of the Nodes. @default none but those of EKS */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default none */
  readonly taints?: readonly eks.TaintSpec[];
  /** GiB of the encrypted gp3 volume for images, logs and emptyDirs. @default 50 */
  readonly diskSize?: number;
  /**
   * How many per cent of the nodes an update may replace at a time, at least one. Their Pods are evicted with respect
   * for PodDisruptionBudgets, and an update that they block fails instead of breaking them.
   * @default 33
   */
  readonly maxUnavailablePercentage?: number;
  /**
   * Whether an update starts new nodes before it drains old ones (`DEFAULT`), or drains first and costs no extra instances
   * (`MINIMAL`), for scarce ones. https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
   * @default DEFAULT
   */
  readonly updateStrategy?: 'DEFAULT' | 'MINIMAL';
  /** Lets EKS replace or reboot nodes that it finds broken. @default true */
  readonly repair?: boolean;
}

const DEFAULT_SIZE = 3;

export class NodeGroup extends Construct {
  readonly nodeGroup: eks.Nodegroup;
  readonly role: iam.Role;

  /** @throws Error when the sizes contradict each other, or no image fits the instance types */
  constructor(scope: Construct, id: string, props: NodeGroupProps) {
    super(scope, id);
    const { operatingSystem = 'al2023' } = props;
    const instanceTypes = [...(props.instanceTypes ?? [new ec2.InstanceType('m6i.large')])];
    this.role = nodeRole(this, 'Role');
    this.nodeGroup = new eks.Nodegroup(this, 'NodeGroup', {
      cluster: props.cluster,
      subnets: privateSubnets(props.cluster.vpc),
      amiType: imageFor(operatingSystem, instanceTypes),
      instanceTypes,
      capacityType: props.capacityType ?? eks.CapacityType.ON_DEMAND,
      ...sizesOf(this, props),
      maxUnavailablePercentage: props.maxUnavailablePercentage ?? 33,
      // True, the default of the L2, would replace nodes against the PodDisruptionBudgets.
      forceUpdate: false,
      enableNodeAutoRepair: props.repair ?? true,
      labels: props.labels,
      taints: props.taints && [...props.taints],
      nodeRole: this.role,
      launchTemplateSpec: this.createLaunchTemplate(operatingSystem, props.diskSize ?? 50),
    });
    if (props.updateStrategy) {
      const resource = this.nodeGroup.node.defaultChild as eks.CfnNodegroup;
      resource.addPropertyOverride('UpdateConfig.UpdateStrategy', props.updateStrategy);
    }
  }

  /**
   * Session tokens for the instance metadata (IMDSv2), and one network hop to it, so that Pods outside of the host's
   * network cannot pick up the node's credentials.
   * https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
   */
  private createLaunchTemplate(operatingSystem: NodeOperatingSystem, diskSize: number): eks.LaunchTemplateSpec {
    const encrypted = (deviceName: string, size: number): ec2.BlockDevice => ({
      deviceName,
      volume: ec2.BlockDeviceVolume.ebs(size, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }),
    });
    const template = new ec2.LaunchTemplate(this, 'LaunchTemplate', {
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      blockDevices:
        operatingSystem === 'bottlerocket'
          ? // Bottlerocket keeps itself on the first device, and what containers bring on the second.
            [encrypted('/dev/xvda', BOTTLEROCKET_SYSTEM_GIB), encrypted('/dev/xvdb', diskSize)]
          : [encrypted('/dev/xvda', diskSize)],
    });
    Tags.of(template).add('Name', Stack.of(this).stackName);
    return { id: template.launchTemplateId!, version: template.latestVersionNumber };
  }
}

const BOTTLEROCKET_SYSTEM_GIB = 4;

function sizesOf(
  { node }: Construct,
  { minSize = 1, maxSize = Number.POSITIVE_INFINITY, desiredSize }: NodeGroupProps,
) {
  if (minSize > maxSize) throw new Error(`${node.path}: minSize ${minSize} is more than maxSize ${maxSize}`);
  const desired = desiredSize ?? Math.min(Math.max(DEFAULT_SIZE, minSize), maxSize);
  if (desired < minSize || desired > maxSize) {
    throw new Error(`${node.path}: desiredSize ${desired} is not between minSize ${minSize} and maxSize ${maxSize}`);
  }
  return { minSize, desiredSize: desired, maxSize: Number.isFinite(maxSize) ? maxSize : desired };
}
