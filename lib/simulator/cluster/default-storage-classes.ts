/**
 * The storage classes of a fresh cluster: `gp2` as every EKS cluster has it, and `gp3` as the default, which people set up
 * first thing.
 * https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html
 */
import type { Client } from './client';
import { EBS_DRIVER, EBS_IN_TREE } from './volume-provisioner';

export function createDefaultStorageClasses(client: Client): void {
  const storageClass = (
    type: string,
    provisioner: string,
    extra: object,
    annotations: Record<string, string> = {},
  ) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: type, annotations },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
    ...extra,
  });
  const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const gp2 = storageClass('gp2', EBS_IN_TREE, { parameters: { fsType: 'ext4', type: 'gp2' } });
  const gp3 = storageClass('gp3', EBS_DRIVER, { parameters: { type: 'gp3' }, allowVolumeExpansion: true }, isDefault);
  client.create('csidrivers.storage.k8s.io', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: EBS_DRIVER },
    spec: { attachRequired: true, podInfoOnMount: false, fsGroupPolicy: 'ReadWriteOnceWithFSType' },
  });
  for (const each of [gp2, gp3]) client.create('storageclasses.storage.k8s.io', each);
}
