/**
 * `eks-drydock/apply`: brings objects to a cluster, any cluster, and takes them away again.
 *
 * @example
 * const transport = await connectByKubeconfig({ context: 'staging' });
 * const objects = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }];
 * console.log(formatPlan(await plan({ transport, objects })));
 * const { outcome } = await apply({ transport, objects, onEvent: console.log });
 * await destroy({ transport });
 */
export { type ApplyOptions, apply, type EngineOptions, type PlanOptions, plan } from './apply';
export type { ApplySetRef } from './apply-set';
export { type DestroyOptions, destroy } from './destroy';
export type { FieldChange } from './diff';
export type { ApplyEvent, ApplyOutcome, ApplyResult, ChangeResult, EventListener, Outcome } from './events';
export { type FormatPlanOptions, formatCounts, formatField, formatPlan } from './format-plan';
export { type HttpTransportOptions, httpTransport } from './http-transport';
export { type InspectOptions, inspect, type MemberStatus } from './inspect';
export { connectByKubeconfig, type KubeconfigOptions } from './kubeconfig';
export { formatRef, keyOf, type ObjectKey, type ObjectRef, refOf } from './object-ref';
export { type Action, type Change, countsOf, isEmpty, type Plan, type PlanCounts, type Refusal } from './plan';
export { release } from './release';
export type { Revision } from './revisions';
export { type RollbackOptions, revisions, rollback } from './rollback';
export {
  type ApiRequest,
  type ApiResponse,
  type Transport,
  TransportError,
  type WatchEvent,
  type WatchRequest,
} from './transport';
