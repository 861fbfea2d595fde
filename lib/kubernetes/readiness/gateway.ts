/** https://gateway-api.sigs.k8s.io/reference/spec/#gateway-networking-k8s-io-v1-GatewayConditionType */
import type { KubernetesObject } from '../object';
import { conditionOf, current, inProgress, messageOf, type Readiness } from './readiness';

export function gatewayReadiness(gateway: KubernetesObject): Readiness {
  const programmed = conditionOf(gateway, 'Programmed');
  if (programmed?.status === 'True') return current(`at ${gateway.status.addresses?.[0]?.value ?? 'its data plane'}`);
  const telling = [conditionOf(gateway, 'Accepted'), programmed].find((condition) => condition?.status === 'False');
  return telling ? inProgress(messageOf(telling), telling.reason) : inProgress('no controller has taken it up yet');
}
