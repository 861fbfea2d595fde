/** https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/ */
import type { KubernetesObject } from '../object';
import { conditionOf, current, inProgress, messageOf, type Readiness } from './readiness';

export function apiServiceReadiness(apiService: KubernetesObject): Readiness {
  const available = conditionOf(apiService, 'Available');
  if (available?.status === 'True') return current('available');
  return available ? inProgress(messageOf(available), available.reason) : inProgress('not available yet');
}
