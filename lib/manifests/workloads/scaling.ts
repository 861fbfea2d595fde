/**
 * Workloads with a number of replicas: what changes that number, and what may take replicas away.
 * https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
 * https://kubernetes.io/docs/tasks/run-application/configure-pdb/
 */
import type * as autoscalingv2 from '../../kubernetes/types/autoscaling-v2.generated';
import type { IntOrPercent, Quantity } from '../../kubernetes/types/shapes';
import { UserError } from '../../kubernetes/user-error';
import { HorizontalPodAutoscaler, PodDisruptionBudget } from '../kinds.generated';
import { Workload } from './workload';

export interface AutoscaleOptions {
  /** @default 1, the platform's */
  readonly min?: number;
  readonly max: number;
  /** In per cent of what the containers request, or an amount per Pod: `70`, `'500m'`. */
  readonly cpu?: number | Extract<Quantity, string>;
  /** In per cent of what the containers request, or an amount per Pod: `80`, `'1Gi'`. */
  readonly memory?: number | Extract<Quantity, string>;
  /** Further metrics, as the wire has them. */
  readonly metrics?: readonly autoscalingv2.MetricSpec[];
  readonly behavior?: autoscalingv2.HorizontalPodAutoscalerBehavior;
}

export type DisruptionOptions =
  | { readonly maxUnavailable: IntOrPercent; readonly minAvailable?: never }
  | { readonly minAvailable: IntOrPercent; readonly maxUnavailable?: never };

export abstract class ScaledWorkload<A extends string, K extends string> extends Workload<A, K> {
  /**
   * Lets load decide on the number of replicas, which must then not be said here as well.
   * @example web.autoscale({ min: 2, max: 10, cpu: 70 });
   */
  autoscale({ min, max, cpu, memory, metrics = [], behavior }: AutoscaleOptions): HorizontalPodAutoscaler {
    if (this.written.spec?.replicas !== undefined) {
      throw new UserError(
        'ReplicasAndAutoscaler',
        `${this.kind} "${this.name}" says replicas: ${this.written.spec.replicas}, and every apply would undo what the autoscaler did`,
        'Leave replicas out.',
      );
    }
    const all = [...resourceMetric('cpu', cpu), ...resourceMetric('memory', memory), ...metrics];
    return new HorizontalPodAutoscaler(this, this.name, {
      metadata: this.companionMetadata(),
      spec: {
        scaleTargetRef: { apiVersion: this.apiVersion, kind: this.kind, name: this.name },
        ...(min === undefined ? {} : { minReplicas: min }),
        maxReplicas: max,
        ...(all.length === 0 ? {} : { metrics: all }),
        ...(behavior === undefined ? {} : { behavior }),
      },
    });
  }

  /**
   * How many replicas drains and upgrades of nodes may take away at a time.
   * @example web.limitDisruption({ maxUnavailable: 1 });
   */
  limitDisruption(options: DisruptionOptions): PodDisruptionBudget {
    return new PodDisruptionBudget(this, this.name, {
      metadata: this.companionMetadata(),
      spec: { ...options, selector: this.podSelector },
    });
  }
}

function resourceMetric(name: string, target: number | string | undefined): autoscalingv2.MetricSpec[] {
  if (target === undefined) return [];
  const wire: autoscalingv2.MetricTarget =
    typeof target === 'number'
      ? { type: 'Utilization', averageUtilization: target }
      : { type: 'AverageValue', averageValue: target as Quantity };
  return [{ type: 'Resource', resource: { name, target: wire } }];
}
