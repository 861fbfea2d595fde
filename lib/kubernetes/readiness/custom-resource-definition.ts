/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ */
import type { KubernetesObject } from '../object';
import { conditionOf, current, failed, inProgress, messageOf, type Readiness } from './readiness';

export function customResourceDefinitionReadiness(definition: KubernetesObject): Readiness {
  const names = conditionOf(definition, 'NamesAccepted');
  if (names?.status === 'False') return failed(messageOf(names), names.reason);
  const established = conditionOf(definition, 'Established');
  if (established?.status === 'True') return current('established');
  // `Installing` is the state of the five seconds before.
  if (established?.status === 'False' && established.reason !== 'Installing') {
    return failed(messageOf(established), established.reason);
  }
  return inProgress('not established yet');
}
