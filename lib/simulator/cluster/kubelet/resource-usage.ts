/**
 * What containers use, as metrics-server would read it from the kubelet: the numbers behind `kubectl top` and the
 * HorizontalPodAutoscaler.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/
 *
 * An image's behaviour says what it uses. For one that does not, a container that requests CPU uses a tenth of it and half
 * of the memory it requests; one that requests nothing uses 1m and 8 MiB. Nothing is kept: usage is asked for when needed.
 */
import { readResource } from '../scheduler/pod-info';
import type { ContainerRecord } from './container-record';
import type { Kubelet } from './kubelet';
import type { PodWorker } from './pod-worker';

export interface ResourceUsage {
  /** Thousandths of a core. */
  readonly milliCpu: number;
  readonly memoryBytes: number;
}

export interface ContainerUsage extends ResourceUsage {
  readonly name: string;
}

const MIB = 1024 * 1024;
const LEAST: ResourceUsage = { milliCpu: 1, memoryBytes: 8 * MIB };
/** Operating system, container runtime and kubelet. */
const SYSTEM: ResourceUsage = { milliCpu: 50, memoryBytes: 400 * MIB };

export function containerUsages(pod: PodWorker): ContainerUsage[] {
  return pod.containers.filter(({ run }) => run).map((container) => ({ name: container.name, ...usageOf(container) }));
}

export function nodeUsage(kubelet: Kubelet): ResourceUsage {
  let { milliCpu, memoryBytes } = SYSTEM;
  for (const worker of kubelet.workers.values()) {
    for (const usage of containerUsages(worker)) {
      milliCpu += usage.milliCpu;
      memoryBytes += usage.memoryBytes;
    }
  }
  return { milliCpu, memoryBytes };
}

/** What the containers of a pod tell of a metric of their own, together. */
export function metricOf(pod: PodWorker | undefined, metric: string): number | undefined {
  const values = (pod?.containers ?? []).flatMap(({ run }) => run?.behaviour.metrics?.(run.view)[metric] ?? []);
  return values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0);
}

function usageOf({ run, spec }: ContainerRecord): ResourceUsage {
  const own = run!.behaviour.usage?.(run!.view);
  if (own) return own;
  const { cpu, memory } = spec.resources?.requests ?? {};
  return {
    milliCpu: cpu === undefined ? LEAST.milliCpu : Math.max(1, Math.round(readResource('cpu', cpu) / 10)),
    memoryBytes: memory === undefined ? LEAST.memoryBytes : Math.round(readResource('memory', memory) / 2),
  };
}
