/**
 * The condition by which a pod tells that it was not its own fault.
 * https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions
 */
import { formatTime, type KubernetesObject } from '../../../kubernetes/object';
import { withCondition } from './conditions';

export function withDisruptionTarget(
  pod: KubernetesObject,
  { reason, message }: { readonly reason: string; readonly message: string },
  now: number,
): KubernetesObject {
  const condition = { type: 'DisruptionTarget', status: 'True', reason, message } as const;
  return {
    ...pod,
    status: { ...pod.status, conditions: withCondition(pod.status?.conditions, condition, formatTime(now)) },
  };
}
