/**
 * Where claims get their volumes from: encrypted gp3 disks made in the zone of the Pod that needs them, as the default, and
 * directories of a shared EFS file system. The other half is `Storage` of `eks-drydock/stacks`.
 * https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html
 */
import type { Construct } from 'constructs';
import { Chart, type ChartProps, StorageClass } from '../manifests';

export interface StorageClassesProps extends ChartProps {
  /** Whether claims that name no class get a gp3 disk. EKS marks none of its own as the default. @default true */
  readonly defaultClass?: boolean;
  /** The EFS file system of the stack, e.g. `stackOutput(...)`. @default none: no shared class */
  readonly fileSystemId?: string;
}

export class StorageClasses extends Chart {
  constructor(scope: Construct, id: string, props: StorageClassesProps = {}) {
    super(scope, id, props);
    const annotations = { 'storageclass.kubernetes.io/is-default-class': String(props.defaultClass ?? true) };
    new StorageClass(this, 'gp3', {
      metadata: { annotations },
      provisioner: 'ebs.csi.aws.com',
      parameters: { type: 'gp3', encrypted: 'true' },
      // The disk waits for the Pod, because it can be used in its own zone only.
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
    });
    if (!props.fileSystemId) return;
    new StorageClass(this, 'efs', {
      provisioner: 'efs.csi.aws.com',
      parameters: { provisioningMode: 'efs-ap', fileSystemId: props.fileSystemId, directoryPerms: '700' },
    });
  }
}
