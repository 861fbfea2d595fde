/**
 * EC2 instance types: what a machine has, and what is left of it for pods once EKS has reserved its share.
 * https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
 *
 * Left out: bare metal, accelerators, and all types that are not in the table; name capacity in the node's spec for those.
 */
import { UserError } from '../../../kubernetes/user-error';

export interface InstanceType {
  readonly cpu: number;
  readonly memoryGiB: number;
  /** What the addresses of its network interfaces allow: interfaces x (addresses - 1) + 2. */
  readonly maxPods: number;
  readonly architecture: 'amd64' | 'arm64';
}

const MAX_PODS_BY_SIZE: Readonly<Record<string, number>> = {
  large: 29,
  xlarge: 58,
  '2xlarge': 58,
  '4xlarge': 234,
  '8xlarge': 234,
  '12xlarge': 234,
  '16xlarge': 737,
  '24xlarge': 737,
};
const CPU_BY_SIZE: Readonly<Record<string, number>> = {
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
  '12xlarge': 48,
  '16xlarge': 64,
  '24xlarge': 96,
};
/** GiB of memory per core. */
const MEMORY_BY_LETTER: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8 };

const BURSTABLE: Readonly<Record<string, readonly [cpu: number, memoryGiB: number, maxPods: number]>> = {
  nano: [2, 0.5, 4],
  micro: [2, 1, 4],
  small: [2, 2, 11],
  medium: [2, 4, 17],
  large: [2, 8, 35],
  xlarge: [4, 16, 58],
  '2xlarge': [8, 32, 58],
};

/** @throws UserError for a type that is not in the table. */
export function findInstanceType(name: string): InstanceType {
  const [, letter, generation, options, size] = /^([a-z])(\d)([a-z-]*)\.(\w+)$/.exec(name) ?? [];
  const architecture = options?.includes('g') ? 'arm64' : 'amd64';
  const burstable = letter === 't' && generation !== undefined ? BURSTABLE[size!] : undefined;
  if (burstable) {
    const [cpu, memoryGiB, maxPods] = burstable;
    return { cpu, memoryGiB, maxPods, architecture };
  }
  if (name.endsWith('.medium') && architecture === 'arm64' && MEMORY_BY_LETTER[letter!]) {
    return { cpu: 1, memoryGiB: MEMORY_BY_LETTER[letter!]!, maxPods: 8, architecture };
  }
  const cpu = CPU_BY_SIZE[size ?? ''];
  const memoryPerCore = MEMORY_BY_LETTER[letter ?? ''];
  if (cpu === undefined || memoryPerCore === undefined) {
    throw new UserError(
      'UnknownInstanceType',
      `the simulated EC2 has no instance type "${name}"`,
      'Use a type of the t, c, m or r families such as m5.large, or give the node its cpu and memory.',
    );
  }
  return { cpu, memoryGiB: cpu * memoryPerCore, maxPods: MAX_PODS_BY_SIZE[size!]!, architecture };
}

/**
 * What EKS reserves of the CPU, in thousandths: 6 % of the first core, 1 % of the second, 0.5 % of the next two and
 * 0.25 % of the rest. Example: 4 cores: 60 + 10 + 10 = 80, so 3920m are left.
 */
export function reservedMilliCpu(cores: number): number {
  const share = (from: number, to: number, perMille: number) => Math.max(0, Math.min(cores, to) - from) * perMille;
  return share(0, 1, 60) + share(1, 2, 10) + share(2, 4, 5) + share(4, Number.POSITIVE_INFINITY, 2.5);
}

/** 11 MiB for each pod that fits, 255 MiB, and the 100 MiB at which pods are evicted. Example: 29 pods: 674 MiB. */
export function reservedMemoryMiB(maxPods: number): number {
  return 11 * maxPods + 255 + 100;
}
