/** All rules about an application as a whole, in the order in which their findings are told. One file, one line each. */
import type { Rule } from '../rule';
import { autoscalerWithoutRequests, twoAutoscalers } from './autoscaler-metrics';
import { autoscalerAndReplicas, autoscalerMissingTarget } from './autoscaler-target';
import { claimSharedByReplicas, claimTemplateUnused } from './claims';
import { commandWithSpaces, hookOutlastsGrace } from './commands';
import { budgetBlocksDrains, budgetSelectsNothing } from './disruption-budget';
import { envReference, secretInPlainSight } from './environment';
import {
  barePod,
  latestImage,
  noMemoryLimit,
  noReadinessProbe,
  noRequests,
  probePortUndeclared,
  runsAsRoot,
  volumeUnused,
} from './good-practice';
import { hostPortConflict } from './host-ports';
import { ingressMissingPort, ingressMissingService, sameRoute } from './ingress-backend';
import { initCycle } from './init-cycle';
import { cdkToken, lateIdentity } from './late-values';
import { missingClaim } from './missing-claim';
import { missingPriorityClass, missingRuntimeClass } from './missing-classes';
import { missingConfiguration, missingKey } from './missing-configuration';
import { missingServiceAccount } from './missing-service-account';
import { needsAName } from './needs-a-name';
import { policySelectsNothing } from './network-policy';
import { policyCutsDns } from './network-policy-dns';
import { nodePortConflict } from './node-port-conflict';
import { overlappingSelectors } from './overlapping-selectors';
import { podSecurity } from './pod-security';
import { probePort } from './port-names';
import { quotaOverflow, quotaWithoutRequests } from './quota';
import { resourceUnit } from './resource-sanity';
import { bindingMissingAccount, bindingMissingRole } from './role-binding';
import { roleAllowsAll, roleWrongGroup } from './role-rules';
import { scheduleNever, scheduleTooOften } from './schedule';
import { serviceSelectsNothing } from './service-selects-nothing';
import { serviceTargetPort } from './service-target-port';
import { spreadIgnoresOwnPods } from './spread';
import { statefulSetService } from './stateful-set-service';
import { twoBudgets } from './two-budgets';
import { undeclaredNamespace } from './undeclared-namespace';
import { webhookMissingPort, webhookMissingService } from './webhook-service';

export const rules: readonly Rule[] = [
  needsAName,
  lateIdentity,
  cdkToken,
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
  roleWrongGroup,
  autoscalerWithoutRequests,
  twoAutoscalers,
  twoBudgets,
  scheduleNever,
  scheduleTooOften,
  resourceUnit,
  quotaOverflow,
  quotaWithoutRequests,
  podSecurity,
  hostPortConflict,
  claimTemplateUnused,
  claimSharedByReplicas,
  missingPriorityClass,
  missingRuntimeClass,
  webhookMissingService,
  webhookMissingPort,
  policyCutsDns,
  envReference,
  secretInPlainSight,
  commandWithSpaces,
  hookOutlastsGrace,
  initCycle,
  spreadIgnoresOwnPods,
  latestImage,
  noRequests,
  noMemoryLimit,
  runsAsRoot,
  noReadinessProbe,
  probePortUndeclared,
  volumeUnused,
  barePod,
  roleAllowsAll,
];
