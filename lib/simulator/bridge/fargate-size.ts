/**
 * What Fargate gives a Pod: the smallest combination of CPU and memory that holds its requests, and 256 MiB for Kubernetes.
 * https://docs.aws.amazon.com/eks/latest/userguide/fargate-pod-configuration.html
 *
 * No requests at all: 0.25 vCPU, 0.5 GB. 1 vCPU and 1 GiB: 1 vCPU, 2 GB (1 GiB and 256 MiB do not fit in 1 GB).
 */
import { integerValue, milliValue, parseQuantity } from '../../kubernetes/quantity';

export interface FargateSize {
  readonly vcpu: number;
  readonly memoryGiB: number;
}

/** vCPU, the least and the most GiB with it, and the step between. */
const COMBINATIONS: readonly (readonly [vcpu: number, least: number, most: number, step: number])[] = [
  [0.25, 0.5, 2, 0.5],
  [0.5, 1, 4, 1],
  [1, 2, 8, 1],
  [2, 4, 16, 1],
  [4, 8, 30, 1],
  [8, 16, 60, 4],
  [16, 32, 120, 8],
];

const KUBERNETES_MIB = 256;
const MIB = 1024 ** 2;

interface Container {
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

/** Undefined when no combination is large enough. */
export function fargateSizeOf(spec: {
  containers: Container[];
  initContainers?: Container[];
}): FargateSize | undefined {
  const cpu = needed(spec, (container) => milliValue(parseQuantity(container.resources?.requests?.cpu ?? '0')) / 1000);
  const bytes = needed(spec, (container) => integerValue(parseQuantity(container.resources?.requests?.memory ?? '0')));
  const memory = bytes / MIB / 1024 + KUBERNETES_MIB / 1024;
  for (const [vcpu, least, most, step] of COMBINATIONS) {
    // 0.25 vCPU has 0.5, 1 and 2 GB, not 1.5.
    const sizes = vcpu === 0.25 ? [0.5, 1, 2] : stepsOf(least, most, step);
    const memoryGiB = sizes.find((size) => size >= memory);
    if (cpu <= vcpu && memoryGiB !== undefined) return { vcpu, memoryGiB };
  }
  return undefined;
}

function stepsOf(least: number, most: number, step: number): number[] {
  return Array.from({ length: Math.floor((most - least) / step) + 1 }, (_, i) => least + i * step);
}

/** Containers run together; init containers run one after the other, before. */
function needed(
  { containers, initContainers = [] }: { containers: Container[]; initContainers?: Container[] },
  of: (container: Container) => number,
): number {
  const together = containers.reduce((sum, container) => sum + of(container), 0);
  return Math.max(together, ...initContainers.map(of));
}
