/** EBS volumes. https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volumes.html  Left out: snapshots, modification, performance. */
import { AwsError } from '../aws-error';
import type { Scope } from '../service';
import { type Ec2Tag, ec2Of, type Tagged } from './state';

export interface Volume extends Tagged {
  readonly volumeId: string;
  readonly size: number;
  readonly volumeType: string;
  readonly encrypted: boolean;
  readonly availabilityZone: string;
  readonly createTime: string;
  status: string;
  attachmentSet: VolumeAttachment[];
}

export interface VolumeAttachment {
  readonly volumeId: string;
  readonly instanceId: string;
  readonly device: string;
  readonly status: string;
  readonly attachTime: string;
  readonly deleteOnTermination: boolean;
}

export interface NewVolume {
  readonly sizeGiB: number;
  readonly volumeType: string;
  readonly encrypted: boolean;
  readonly availabilityZone: string;
  readonly tagSet: Ec2Tag[];
}

export function createVolume(scope: Scope, input: NewVolume): Volume {
  const ec2 = ec2Of(scope);
  const volume: Volume = {
    volumeId: ec2.id('vol'),
    size: input.sizeGiB,
    volumeType: input.volumeType,
    encrypted: input.encrypted,
    availabilityZone: input.availabilityZone,
    createTime: scope.account.timestamp,
    status: 'available',
    attachmentSet: [],
    tagSet: input.tagSet,
  };
  ec2.volumes.set(volume.volumeId, volume);
  return volume;
}

export function attachVolume(scope: Scope, volumeId: string, instanceId: string, device: string): VolumeAttachment {
  const ec2 = ec2Of(scope);
  const volume = ec2.volumes.find(volumeId);
  const instance = ec2.instances.find(instanceId);
  if (volume.attachmentSet.length > 0) {
    throw new AwsError('VolumeInUse', `${volumeId} is already attached to an instance`);
  }
  if (volume.availabilityZone !== instance.placement.availabilityZone) {
    const message = `The volume '${volumeId}' is not in the same availability zone as instance '${instanceId}'`;
    throw new AwsError('InvalidVolume.ZoneMismatch', message);
  }
  const attachment: VolumeAttachment = {
    volumeId,
    instanceId,
    device,
    status: 'attached',
    attachTime: scope.account.timestamp,
    deleteOnTermination: false,
  };
  volume.attachmentSet = [attachment];
  volume.status = 'in-use';
  return attachment;
}

export function detachVolume(scope: Scope, volumeId: string): void {
  const volume = ec2Of(scope).volumes.find(volumeId);
  volume.attachmentSet = [];
  volume.status = 'available';
}

export function deleteVolume(scope: Scope, volumeId: string): void {
  const ec2 = ec2Of(scope);
  const volume = ec2.volumes.find(volumeId);
  const [attachment] = volume.attachmentSet;
  if (attachment) {
    throw new AwsError('VolumeInUse', `Volume ${volumeId} is currently attached to ${attachment.instanceId}`);
  }
  ec2.volumes.delete(volumeId);
}
