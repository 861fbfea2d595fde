/**
 * From measured load to a number of replicas: what all kinds of metrics share.
 * https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
 *
 * desired = ceil(ready pods * current / target): four pods that use 90 % of what they request, with a target of 60 %, are
 * ceil(4 * 1.5) = 6. Within the tolerance (10 %) nothing changes. Pods of which nothing is known count as if they made the
 * change smaller: as 100 % when it would go down, as 0 when it would go up.
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import type { ApplicationMetrics } from '../application-metrics';
import type { PodMetrics } from '../pod-metrics';

/** Thrown when a metric cannot be had; becomes a condition of the autoscaler. */
export class MetricError extends Error {
  override readonly name = 'MetricError';
  /**
   * @param reason of the condition and the event
   * @param summary how the event that sums up all failures introduces the message
   */
  constructor(
    readonly reason: string,
    message: string,
    readonly summary: string,
  ) {
    super(message);
  }
}

/** How far the load may be from the target before anything happens, each way. */
export interface Tolerance {
  readonly up: number;
  readonly down: number;
}

export const isWithin = (ratio: number, { up, down }: Tolerance): boolean => ratio >= 1 - down && ratio <= 1 + up;

export interface MetricProposal {
  readonly replicas: number;
  /** `cpu resource utilization (percentage of request)` */
  readonly name: string;
  /** The entry of `status.currentMetrics`. */
  readonly status: object;
}

export interface MetricQuestion {
  readonly pods: readonly KubernetesObject[];
  readonly replicas: number;
  readonly metrics: PodMetrics | undefined;
  readonly applications: ApplicationMetrics | undefined;
  readonly namespace: string;
  readonly tolerance: Tolerance;
  readonly now: number;
}

export interface Sample {
  readonly pod: string;
  readonly usage: number;
  readonly request: number;
}

export interface Adjustment {
  readonly samples: readonly Sample[];
  readonly missing: readonly Sample[];
  readonly unready: readonly Sample[];
  readonly ratioOf: (samples: readonly Sample[]) => number;
  readonly current: number;
  readonly tolerance: Tolerance;
  /** What a missing pod is taken to use when there are too many, in percent of its request. */
  readonly full: number;
}

/** What the samples ask for, when those of which nothing is known are taken to make the change smaller. */
export function adjust({ samples, missing, unready, ratioOf, current, tolerance, full }: Adjustment): number {
  const ratio = ratioOf(samples);
  const isNear = (value: number) => isWithin(value, tolerance);
  const countUnready = unready.length > 0 && ratio > 1;
  if (missing.length === 0 && !countUnready) return isNear(ratio) ? current : Math.ceil(ratio * samples.length);
  const assumed = missing.map((each) => ({ ...each, usage: ratio < 1 ? (each.request * full) / 100 : 0 }));
  const idle = countUnready ? unready.map((each) => ({ ...each, usage: 0 })) : [];
  const all = [...samples, ...assumed, ...idle];
  const corrected = ratioOf(all);
  if (isNear(corrected) || (ratio < 1 && corrected > 1) || (ratio > 1 && corrected < 1)) return current;
  const replicas = Math.ceil(corrected * all.length);
  return (corrected < 1 && replicas > current) || (corrected > 1 && replicas < current) ? current : replicas;
}
