/** https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#appendix-horizontal-pod-autoscaler-status-conditions */
import type { KubernetesObject } from '../object';
import { conditionOf, current, inProgress, messageOf, type Readiness } from './readiness';

export function horizontalPodAutoscalerReadiness(autoscaler: KubernetesObject): Readiness {
  const able = conditionOf(autoscaler, 'AbleToScale');
  if (!able) return inProgress('not looked at by its controller yet');
  if (able.status === 'False') return inProgress(messageOf(able), able.reason);
  const active = conditionOf(autoscaler, 'ScalingActive');
  // Scaled to zero on purpose, it is not active and all is well.
  if (active?.status === 'False' && active.reason !== 'ScalingDisabled')
    return inProgress(messageOf(active), active.reason);
  return current('scaling');
}
