/**
 * The machine image of a node group, by operating system, architecture and accelerator.
 * https://docs.aws.amazon.com/eks/latest/userguide/eks-optimized-ami.html
 */
import type { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { InstanceArchitecture } from 'aws-cdk-lib/aws-ec2';
import { NodegroupAmiType as Ami } from 'aws-cdk-lib/aws-eks-v2';

/** Amazon Linux 2023, or Bottlerocket, which has no shell and no package manager. */
export type NodeOperatingSystem = 'al2023' | 'bottlerocket';

type Accelerator = 'none' | 'nvidia' | 'neuron';

/** Instance families by what they carry. https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html */
const NVIDIA = /^(?:p\d|g\d)/;
const NEURON = /^(?:inf\d|trn\d)/;

const IMAGES: Readonly<Record<string, Ami>> = {
  'al2023 x86_64 none': Ami.AL2023_X86_64_STANDARD,
  'al2023 arm64 none': Ami.AL2023_ARM_64_STANDARD,
  'al2023 x86_64 nvidia': Ami.AL2023_X86_64_NVIDIA,
  'al2023 arm64 nvidia': Ami.AL2023_ARM_64_NVIDIA,
  'al2023 x86_64 neuron': Ami.AL2023_X86_64_NEURON,
  'bottlerocket x86_64 none': Ami.BOTTLEROCKET_X86_64,
  'bottlerocket arm64 none': Ami.BOTTLEROCKET_ARM_64,
  'bottlerocket x86_64 nvidia': Ami.BOTTLEROCKET_X86_64_NVIDIA,
  'bottlerocket arm64 nvidia': Ami.BOTTLEROCKET_ARM_64_NVIDIA,
};

/** @throws Error when the instance types need different images, or one that does not exist */
export function imageFor(operatingSystem: NodeOperatingSystem, instanceTypes: readonly InstanceType[]): Ami {
  const needed = new Set(instanceTypes.map((type) => `${architectureOf(type)} ${acceleratorOf(type)}`));
  const names = instanceTypes.map(String).join(', ');
  if (needed.size > 1) {
    throw new Error(
      `the instance types ${names} need different machine images (${[...needed].join('; ')}): make a node group for each`,
    );
  }
  const image = IMAGES[`${operatingSystem} ${[...needed][0]}`];
  if (!image) throw new Error(`there is no ${operatingSystem} image for ${names} (${[...needed][0]})`);
  return image;
}

const architectureOf = (type: InstanceType): string =>
  type.architecture === InstanceArchitecture.ARM_64 ? 'arm64' : 'x86_64';

function acceleratorOf(type: InstanceType): Accelerator {
  const family = type.toString();
  if (NVIDIA.test(family)) return 'nvidia';
  return NEURON.test(family) ? 'neuron' : 'none';
}
