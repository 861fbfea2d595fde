/**
 * EC2 instance types: what a machine has, how many Pods the VPC CNI can give addresses to, and what is left for Pods once EKS
 * has reserved its share. The one table of the simulator: EC2 sells by it, and bare clusters build their nodes by it.
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-types.html
 * https://github.com/awslabs/amazon-eks-ami  (eni-max-pods.txt, kube-reserved)
 *
 * Left out: bare metal, accelerators other than NVIDIA's, disks.
 */
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

/** vCPUs, interfaces, addresses per interface, by size. */
const SIZES: Readonly<Record<string, readonly [vcpus: number, interfaces: number, addresses: number]>> = {
  medium: [1, 2, 4],
  large: [2, 3, 10],
  xlarge: [4, 4, 15],
  '2xlarge': [8, 4, 15],
  '4xlarge': [16, 8, 30],
  '8xlarge': [32, 8, 30],
  '12xlarge': [48, 8, 30],
  '16xlarge': [64, 15, 50],
  '24xlarge': [96, 15, 50],
  '32xlarge': [128, 15, 50],
  '48xlarge': [192, 15, 50],
};
/** GiB per vCPU, by the family's letters. */
const MEMORY: Readonly<Record<string, number>> = { c: 2, m: 4, g: 4, r: 8, i: 8, x: 16 };
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
/** GPUs of the g family that are not one. */
const GPUS: Readonly<Record<string, number>> = { '12xlarge': 4, '24xlarge': 4, '48xlarge': 8 };
/** Machines for training: vCPUs, GiB, GPUs. */
const TRAINING: Readonly<Record<string, readonly [number, number, number]>> = {
  'p3.2xlarge': [8, 61, 1],
  'p3.8xlarge': [32, 244, 4],
  'p3.16xlarge': [64, 488, 8],
  'p4d.24xlarge': [96, 1152, 8],
  'p5.48xlarge': [192, 2048, 8],
};

/** Undefined for a type that is not in the tables. */
export function tryInstanceType(name: string): InstanceType | undefined {
  const [, letters = '', options = '', size = ''] = /^([a-z]+)\d+([a-z-]*)\.([a-z0-9]+)$/.exec(name) ?? [];
  const architecture = options.startsWith('g') ? 'arm64' : 'x86_64';
  const burstable = letters === 't' ? BURSTABLE[size] : undefined;
  if (burstable) {
    const [vcpus, gib, interfaces, addressesPerInterface] = burstable;
    return { name, vcpus, memoryMiB: gib * 1024, architecture, interfaces, addressesPerInterface, gpus: 0 };
  }
  const row = SIZES[size];
  if (!row) return undefined;
  const [vcpus, interfaces, addressesPerInterface] = row;
  const common = { name, architecture, interfaces, addressesPerInterface } as const;
  const training = TRAINING[name];
  if (training) return { ...common, vcpus: training[0], memoryMiB: training[1] * 1024, gpus: training[2] };
  const gibPerCpu = MEMORY[letters];
  // Only machines with ARM processors are as small as that.
  if (gibPerCpu === undefined || (size === 'medium' && architecture !== 'arm64')) return undefined;
  return { ...common, vcpus, memoryMiB: vcpus * gibPerCpu * 1024, gpus: letters === 'g' ? (GPUS[size] ?? 1) : 0 };
}

/**
 * Each interface keeps one address for itself; two Pods (the CNI and kube-proxy) use the host's.
 * m5.large: 3 interfaces x (10 - 1) + 2 = 29 Pods.
 */
export function maxPods({ interfaces, addressesPerInterface }: InstanceType): number {
  return interfaces * (addressesPerInterface - 1) + 2;
}

/** As Kubernetes writes it. */
export function kubernetesArchitecture({ architecture }: Pick<InstanceType, 'architecture'>): 'amd64' | 'arm64' {
  return architecture === 'arm64' ? 'arm64' : 'amd64';
}

/**
 * What EKS reserves of the CPU, in thousandths: 6 % of the first core, 1 % of the second, 0.5 % of the next two and
 * 0.25 % of the rest. Example: 4 cores: 60 + 10 + 10 = 80, so 3920m are left.
 */
export function reservedMilliCpu(cores: number): number {
  const share = (from: number, to: number, perMille: number) => Math.max(0, Math.min(cores, to) - from) * perMille;
  return Math.ceil(share(0, 1, 60) + share(1, 2, 10) + share(2, 4, 5) + share(4, Number.POSITIVE_INFINITY, 2.5));
}

/** 11 MiB for each pod that fits, 255 MiB, and the 100 MiB at which pods are evicted. Example: 29 pods: 674 MiB. */
export function reservedMemoryMiB(pods: number): number {
  return 11 * pods + 255 + 100;
}
