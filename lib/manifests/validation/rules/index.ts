/** All rules about an application as a whole, in the order in which their findings are told. One file, one line each. */
import type { Rule } from '../rule';
import { autoscalerAndReplicas, autoscalerMissingTarget } from './autoscaler-target';
import { budgetBlocksDrains, budgetSelectsNothing } from './disruption-budget';
import { ingressMissingPort, ingressMissingService, sameRoute } from './ingress-backend';
import { missingClaim } from './missing-claim';
import { missingConfiguration, missingKey } from './missing-configuration';
import { missingServiceAccount } from './missing-service-account';
import { needsAName } from './needs-a-name';
import { policySelectsNothing } from './network-policy';
import { nodePortConflict } from './node-port-conflict';
import { overlappingSelectors } from './overlapping-selectors';
import { probePort } from './port-names';
import { bindingMissingAccount, bindingMissingRole } from './role-binding';
import { serviceSelectsNothing } from './service-selects-nothing';
import { serviceTargetPort } from './service-target-port';
import { statefulSetService } from './stateful-set-service';
import { undeclaredNamespace } from './undeclared-namespace';

export const rules: readonly Rule[] = [
  needsAName,
  undeclaredNamespace,
  serviceSelectsNothing,
  serviceTargetPort,
  nodePortConflict,
  statefulSetService,
  ingressMissingService,
  ingressMissingPort,
  sameRoute,
  overlappingSelectors,
  missingConfiguration,
  missingKey,
  missingClaim,
  missingServiceAccount,
  probePort,
  autoscalerMissingTarget,
  autoscalerAndReplicas,
  budgetSelectsNothing,
  budgetBlocksDrains,
  policySelectsNothing,
  bindingMissingRole,
  bindingMissingAccount,
];
