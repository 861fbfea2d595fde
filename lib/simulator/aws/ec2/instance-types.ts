/**
 * What instance types offer: processors, memory, and how many Pods the VPC CNI can give addresses to.
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-types.html
 * https://github.com/awslabs/amazon-eks-ami  (eni-max-pods.txt)
 */
import { AwsError } from '../aws-error';

export interface InstanceType {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly architecture: 'x86_64' | 'arm64';
  /** Network interfaces at most, and IPv4 addresses on each. */
  readonly interfaces: number;
  readonly addressesPerInterface: number;
  readonly gpus: number;
}

/** Sizes of the general families: vCPUs, and memory as a multiple of the family's GiB per vCPU. */
const SIZES: Readonly<Record<string, number>> = {
  medium: 1,
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
  '12xlarge': 48,
  '16xlarge': 64,
  '24xlarge': 96,
};
/** interfaces, addresses per interface */
const ADDRESSES: Readonly<Record<string, readonly [number, number]>> = {
  medium: [2, 4],
  large: [3, 10],
  xlarge: [4, 15],
  '2xlarge': [4, 15],
  '4xlarge': [8, 30],
  '8xlarge': [8, 30],
  '12xlarge': [8, 30],
  '16xlarge': [15, 50],
  '24xlarge': [15, 50],
};
/** GiB per vCPU, by the family's letter. */
const MEMORY: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8 };
/** The burstable family is a table of its own: vCPUs, GiB, interfaces, addresses. */
const BURSTABLE: Readonly<Record<string, readonly [number, number, number, number]>> = {
  nano: [2, 0.5, 2, 2],
  micro: [2, 1, 2, 2],
  small: [2, 2, 3, 4],
  medium: [2, 4, 3, 6],
  large: [2, 8, 3, 12],
  xlarge: [4, 16, 4, 15],
  '2xlarge': [8, 32, 4, 15],
};
const GPU: Readonly<Record<string, number>> = {
  'g4dn.xlarge': 1,
  'g4dn.2xlarge': 1,
  'g5.xlarge': 1,
  'g5.2xlarge': 1,
  'g6.xlarge': 1,
};

/** @throws InvalidParameterValue for a type that is not in the tables. */
export function findInstanceType(name: string): InstanceType {
  const type = tryInstanceType(name);
  if (!type) throw new AwsError('InvalidParameterValue', `Invalid value '${name}' for InstanceType.`);
  return type;
}

export function tryInstanceType(name: string): InstanceType | undefined {
  const [, letters = '', options = '', size = ''] = /^([a-z]+)\d+([a-z]*)\.([a-z0-9]+)$/.exec(name) ?? [];
  const architecture = options.includes('g') ? 'arm64' : 'x86_64';
  if (letters === 't') {
    const row = BURSTABLE[size];
    if (!row) return undefined;
    const [vcpus, gib, interfaces, addressesPerInterface] = row;
    return { name, vcpus, memoryMiB: gib * 1024, architecture, interfaces, addressesPerInterface, gpus: 0 };
  }
  const vcpus = SIZES[size];
  const limits = ADDRESSES[size];
  const gpus = GPU[name] ?? 0;
  const gibPerCpu = gpus > 0 ? 4 : MEMORY[letters];
  if (vcpus === undefined || limits === undefined || gibPerCpu === undefined) return undefined;
  const [interfaces, addressesPerInterface] = limits;
  return { name, vcpus, memoryMiB: vcpus * gibPerCpu * 1024, architecture, interfaces, addressesPerInterface, gpus };
}

/**
 * Each interface keeps one address for itself; two Pods (the CNI and kube-proxy) use the host's.
 * m5.large: 3 interfaces x (10 - 1) + 2 = 29 Pods.
 */
export function maxPods({ interfaces, addressesPerInterface }: InstanceType): number {
  return interfaces * (addressesPerInterface - 1) + 2;
}
