/** EC2's operations on instances, volumes, launch templates, images and tags. */

import { tryInstanceType } from '../../instance-types';
import { AwsError } from '../aws-error';
import type { Call, Operations, WireObject } from '../service';
import { selectItems } from './filters';
import { findInstanceType } from './instance-types';
import { type Instance, runInstance, terminateInstance } from './instances';
import {
  addLaunchTemplateVersion,
  createLaunchTemplate,
  findLaunchTemplateVersion,
  type LaunchTemplate,
} from './launch-templates';
import { ec2Of, ec2Tags, isTrue, requestTags, setTags } from './state';
import { attachVolume, createVolume, deleteVolume, detachVolume } from './volumes';

const DONE = { return: true };

export const instanceOperations: Operations = {
  RunInstances: (input, call) => {
    const subnetId = input.SubnetId ?? input.NetworkInterface?.[0]?.SubnetId;
    if (!subnetId) throw new AwsError('MissingInput', 'No subnets found for the default VPC. Please specify a subnet.');
    const instances = Array.from({ length: Number(input.MinCount ?? 1) }, () =>
      runInstance(call, {
        subnetId: String(subnetId),
        instanceType: String(input.InstanceType ?? 'm5.large'),
        imageId: String(input.ImageId),
        groupIds: input.SecurityGroupId,
        tagSet: requestTags(input),
      }),
    );
    return {
      reservationId: instances[0]?.reservationId,
      ownerId: call.account.accountId,
      instancesSet: instances.map((instance) => wireInstance(call, instance)),
    };
  },
  DescribeInstances: (input, call) => ({
    reservationSet: selectItems(ec2Of(call).instances, input.InstanceId, input, {
      'instance-state-name': (instance) => [instance.instanceState.name],
      'instance-state-code': (instance) => [instance.instanceState.code],
      'availability-zone': (instance) => [instance.placement.availabilityZone],
      'instance.group-id': (instance) => instance.groupSet.map(({ groupId }) => groupId),
      'group-id': (instance) => instance.groupSet.map(({ groupId }) => groupId),
    }).map((instance) => ({
      reservationId: instance.reservationId,
      ownerId: call.account.accountId,
      instancesSet: [wireInstance(call, instance)],
    })),
  }),
  TerminateInstances: (input, call) => ({
    instancesSet: (input.InstanceId ?? []).map((instanceId: string) => {
      const { previous, current } = terminateInstance(call, instanceId);
      return { instanceId, previousState: previous, currentState: current };
    }),
  }),
  DescribeInstanceTypes: (input) => ({
    instanceTypeSet: ((input.InstanceType ?? []) as string[]).map((name) => wireInstanceType(name)),
  }),
  DescribeInstanceTypeOfferings: (input, call) => ({
    instanceTypeOfferingSet: ['m5.large', 'm5.xlarge', 't3.medium', 't3.large', 'm6g.large', 'c5.large', 'r5.large']
      .filter((name) => tryInstanceType(name))
      .map((instanceType) => ({ instanceType, locationType: input.LocationType ?? 'region', location: call.region })),
  }),
  ...volumeOperations(),
  ...launchTemplateOperations(),
  ...tagOperations(),
};

function wireInstance(call: Call, instance: Instance): WireObject {
  const { interfaceIds, volumeIds, reservationId: _, ...members } = instance;
  const ec2 = ec2Of(call);
  return {
    ...members,
    rootDeviceName: '/dev/xvda',
    rootDeviceType: 'ebs',
    virtualizationType: 'hvm',
    hypervisor: 'xen',
    ebsOptimized: true,
    enaSupport: true,
    sourceDestCheck: true,
    monitoring: { state: 'disabled' },
    reason: instance.stateTransitionReason,
    networkInterfaceSet: interfaceIds.flatMap((id) => ec2.networkInterfaces.get(id) ?? []),
    blockDeviceMapping: volumeIds.flatMap((id) => {
      const volume = ec2.volumes.get(id);
      const attachment = volume?.attachmentSet[0];
      if (!volume || !attachment) return [];
      const { status, attachTime, deleteOnTermination, device } = attachment;
      return [{ deviceName: device, ebs: { volumeId: id, status, attachTime, deleteOnTermination } }];
    }),
  };
}

function wireInstanceType(name: string): WireObject {
  const { vcpus, memoryMiB, architecture, interfaces, addressesPerInterface } = findInstanceType(name);
  return {
    instanceType: name,
    currentGeneration: true,
    processorInfo: { supportedArchitectures: [architecture] },
    vCpuInfo: { defaultVCpus: vcpus },
    memoryInfo: { sizeInMiB: memoryMiB },
    networkInfo: { maximumNetworkInterfaces: interfaces, ipv4AddressesPerInterface: addressesPerInterface },
  };
}

function volumeOperations(): Operations {
  return {
    CreateVolume: (input, call) =>
      createVolume(call, {
        sizeGiB: Number(input.Size),
        volumeType: String(input.VolumeType ?? 'gp2'),
        encrypted: isTrue(input.Encrypted ?? false),
        availabilityZone: String(input.AvailabilityZone),
        tagSet: requestTags(input),
      }),
    DescribeVolumes: (input, call) => ({
      volumeSet: selectItems(ec2Of(call).volumes, input.VolumeId, input, {
        'attachment.instance-id': (volume) => volume.attachmentSet.map(({ instanceId }) => instanceId),
      }),
    }),
    AttachVolume: (input, call) =>
      attachVolume(call, String(input.VolumeId), String(input.InstanceId), String(input.Device)),
    DetachVolume: (input, call) => {
      detachVolume(call, String(input.VolumeId));
      return { volumeId: input.VolumeId, status: 'detaching' };
    },
    DeleteVolume: (input, call) => {
      deleteVolume(call, String(input.VolumeId));
      return DONE;
    },
    DescribeSnapshots: () => ({ snapshotSet: [] }),
  };
}

function launchTemplateOperations(): Operations {
  return {
    CreateLaunchTemplate: (input, call) => ({
      launchTemplate: wireTemplate(
        createLaunchTemplate(
          call,
          String(input.LaunchTemplateName),
          input.LaunchTemplateData ?? {},
          requestTags(input),
        ),
      ),
    }),
    CreateLaunchTemplateVersion: (input, call) => {
      const { template } = findLaunchTemplateVersion(call, {
        id: input.LaunchTemplateId,
        name: input.LaunchTemplateName,
      });
      const versionNumber = addLaunchTemplateVersion(call, template.launchTemplateId, input.LaunchTemplateData ?? {});
      return { launchTemplateVersion: { ...wireTemplate(template), versionNumber } };
    },
    DescribeLaunchTemplates: (input, call) => {
      const names: string[] | undefined = input.LaunchTemplateName;
      return {
        launchTemplates: selectItems(ec2Of(call).launchTemplates, input.LaunchTemplateId, input)
          .filter(({ launchTemplateName }) => !names || names.includes(launchTemplateName))
          .map(wireTemplate),
      };
    },
    DescribeLaunchTemplateVersions: (input, call) => {
      const id = input.LaunchTemplateId;
      const { template } = findLaunchTemplateVersion(call, { id, name: input.LaunchTemplateName });
      const wanted: string[] | undefined = input.LaunchTemplateVersion;
      const numbers = wanted?.map(
        (version) => findLaunchTemplateVersion(call, { id: template.launchTemplateId, version }).version,
      );
      return {
        launchTemplateVersionSet: template.versions.flatMap((data, i) =>
          numbers && !numbers.includes(i + 1)
            ? []
            : [
                {
                  launchTemplateId: template.launchTemplateId,
                  launchTemplateName: template.launchTemplateName,
                  versionNumber: i + 1,
                  defaultVersion: template.defaultVersionNumber === i + 1,
                  createTime: template.createTime,
                  launchTemplateData: { imageId: data.ImageId, instanceType: data.InstanceType },
                },
              ],
        ),
      };
    },
    DeleteLaunchTemplate: (input, call) => {
      const { template } = findLaunchTemplateVersion(call, {
        id: input.LaunchTemplateId,
        name: input.LaunchTemplateName,
      });
      ec2Of(call).launchTemplates.delete(template.launchTemplateId);
      return { launchTemplate: wireTemplate(template) };
    },
  };
}

function wireTemplate(template: LaunchTemplate): WireObject {
  const { versions: _, ...members } = template;
  return members;
}

function tagOperations(): Operations {
  const find = (call: Call, id: string) => {
    const item = ec2Of(call).tryTagged(id);
    if (!item) throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
    return item;
  };
  return {
    CreateTags: (input, call) => {
      for (const id of input.ResourceId ?? []) setTags(find(call, id), ec2Tags(input.Tag));
      return DONE;
    },
    DeleteTags: (input, call) => {
      const keys = new Set((input.Tag ?? []).map(({ Key }: WireObject) => Key));
      for (const id of input.ResourceId ?? []) {
        const item = find(call, id);
        item.tagSet = item.tagSet.filter(({ key }) => !keys.has(key));
      }
      return DONE;
    },
    DescribeImages: (input, call) => ({
      imagesSet: ((input.ImageId ?? []) as string[]).map((imageId) => ({
        imageId,
        imageState: 'available',
        imageOwnerId: call.account.accountId,
        name: imageId,
        rootDeviceName: '/dev/xvda',
      })),
    }),
  };
}
