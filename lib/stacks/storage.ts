/**
 * Volumes for Pods: the EBS CSI driver (a disk for one node at a time), on request snapshots of them, and an EFS file
 * system that many nodes share. https://docs.aws.amazon.com/eks/latest/userguide/storage.html
 *
 * The Kubernetes half, StorageClasses for both, is the chart `StorageClasses` of `eks-drydock/charts`.
 */
import { CfnOutput, type RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import type { ICluster } from 'aws-cdk-lib/aws-eks-v2';
import { Construct } from 'constructs';
import { ebsCsiController, efsCsiController } from '../platform-service-accounts';
import { Addon } from './addon';
import { privateSubnets } from './subnets';

export interface StorageProps {
  readonly cluster: ICluster;
  /** What gives the drivers nodes to run on: the node groups. @default nothing: nodes are there already */
  readonly after?: readonly Construct[];
  /** The EBS CSI driver. Say false where it is there already, as in Auto Mode. @default true */
  readonly disks?: boolean;
  /** VolumeSnapshots of EBS volumes. @default false */
  readonly snapshots?: boolean;
  /**
   * An encrypted EFS file system with a mount target in every zone, and its driver; and whether it stays when the stack goes.
   * @default none
   */
  readonly fileSystem?: { readonly removalPolicy: RemovalPolicy };
}

export class Storage extends Construct {
  readonly fileSystem?: efs.FileSystem;

  constructor(scope: Construct, id: string, props: StorageProps) {
    super(scope, id);
    const { cluster, after = [] } = props;
    if (props.disks !== false) {
      new Addon(this, 'EbsCsiDriver', {
        cluster,
        addonName: 'aws-ebs-csi-driver',
        identity: {
          serviceAccount: ebsCsiController.name,
          managedPolicies: ['service-role/AmazonEBSCSIDriverPolicy'],
        },
      }).after(...after);
    }
    if (props.snapshots) {
      new Addon(this, 'SnapshotController', { cluster, addonName: 'snapshot-controller' }).after(...after);
    }
    if (!props.fileSystem) return;
    new Addon(this, 'EfsCsiDriver', {
      cluster,
      addonName: 'aws-efs-csi-driver',
      identity: {
        serviceAccount: efsCsiController.name,
        managedPolicies: ['service-role/AmazonEFSCSIDriverPolicy'],
      },
    }).after(...after);
    this.fileSystem = this.createFileSystem(cluster, props.fileSystem.removalPolicy);
  }

  private createFileSystem({ vpc, clusterSecurityGroup }: ICluster, removalPolicy: RemovalPolicy): efs.FileSystem {
    const fileSystem = new efs.FileSystem(this, 'FileSystem', {
      vpc,
      vpcSubnets: privateSubnets(vpc),
      encrypted: true,
      removalPolicy,
      securityGroup: new ec2.SecurityGroup(this, 'FileSystemSecurityGroup', {
        vpc,
        description: 'The mount targets of the shared file system',
        allowAllOutbound: false,
      }),
    });
    fileSystem.connections.allowDefaultPortFrom(clusterSecurityGroup, 'NFS from the nodes');
    new CfnOutput(this, 'FileSystemId', { value: fileSystem.fileSystemId });
    return fileSystem;
  }
}
