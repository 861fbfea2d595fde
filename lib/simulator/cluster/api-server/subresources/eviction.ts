/**
 * `pods/eviction`: a delete that asks the disruption budgets first. What `kubectl drain` does.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */

import { formatTime, type KubernetesObject } from '../../../../kubernetes/object';
import { trySchemaOf } from '../../../../kubernetes/schema/schema';
import { selectorMatches } from '../../../../kubernetes/selectors';
import { badRequest, notFound, type Status, StatusError } from '../../../../kubernetes/status-error';
import { decodeBody } from '../decode-body';
import { deleteOne } from '../delete';
import { checkNamespace } from '../object-meta';
import type { ApiRequest, ApiResponse, DeleteRequestOptions } from '../request';
import type { ServerContext } from '../server-context';
import { share } from '../share';
import { admitSubresource } from './admit-subresource';

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction', schema: trySchemaOf('policy', 'v1', 'Eviction')! };
const BUDGETS = 'poddisruptionbudgets.policy';
/** More disruptions than this under way at once, and the budget's status is not trusted any more. */
const MAX_DISRUPTED_PODS = 2000;

export function evict(server: ServerContext, request: ApiRequest): ApiResponse {
  const { resource, namespace, name } = request;
  const warnings: string[] = [];
  const eviction = decodeBody(EVICTION, asCurrentVersion(request.body), {
    fieldValidation: request.options.fieldValidation,
    duplicateFields: request.duplicateFields ?? [],
    warn: (text) => warnings.push(text),
  });
  checkNamespace(resource, eviction, namespace);
  if (eviction.metadata.name && eviction.metadata.name !== name)
    throw badRequest('name in URL does not match name in Eviction object');
  const pod = server.store.get('pods', namespace, name);
  if (!pod) throw notFound(resource, name);
  admitSubresource(server, request, eviction, (text) => warnings.push(text));
  const deleteOptions: DeleteRequestOptions = eviction.deleteOptions ?? {};
  const dryRun = request.options.dryRun || Boolean(eviction.deleteOptions?.dryRun?.length);
  if (!ignoresBudgets(pod)) takeFromBudget(server, pod, dryRun);
  if (!dryRun) markDisrupted(server, pod);
  const deletion = { ...request, verb: 'delete', subresource: '', options: { dryRun }, deleteOptions } as const;
  deleteOne(server, { ...deletion, isAdmitted: true });
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return { code: 201, status, warnings };
}

/** Evictions of the first version are still taken. */
function asCurrentVersion(body: unknown): unknown {
  const isOld = (body as { apiVersion?: unknown } | null)?.apiVersion === 'policy/v1beta1';
  return isOld ? { ...(body as object), apiVersion: 'policy/v1' } : body;
}

/** Whoever looks at the Pod while it ends can see why it does. */
function markDisrupted(server: ServerContext, pod: KubernetesObject): void {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: formatTime(server.simulation.clock.now()),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  const others = (pod.status?.conditions ?? []).filter(({ type }: any) => type !== condition.type);
  const next = { ...pod, status: { ...pod.status, conditions: [...others, condition] } };
  server.store.put('pods', share(next, pod));
}

/** Pods that are over, or have not begun, are nobody's disruption. */
function ignoresBudgets({ metadata, status }: KubernetesObject): boolean {
  const phase = status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || metadata.deletionTimestamp !== undefined;
}

function takeFromBudget(server: ServerContext, pod: KubernetesObject, dryRun: boolean): void {
  const { namespace, labels } = pod.metadata;
  const budgets = server.store.sorted(BUDGETS, namespace).filter(({ spec }) => selectorMatches(spec.selector, labels));
  if (budgets.length === 0) return;
  if (budgets.length > 1) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw new StatusError(500, '', message);
  }
  const [budget] = budgets;
  if (!isReady(pod) && toleratesUnhealthy(budget!)) return;
  checkBudget(budget!);
  if (dryRun) return;
  const { status } = budget!;
  const disruptedPods = { ...status.disruptedPods, [pod.metadata.name!]: formatTime(server.simulation.clock.now()) };
  const disruptionsAllowed = status.disruptionsAllowed - 1;
  const conditions = disruptionsAllowed > 0 ? status.conditions : exhausted(server, budget!);
  server.client().updateStatus(BUDGETS, {
    ...budget!,
    status: { ...status, disruptionsAllowed, disruptedPods, ...(conditions ? { conditions } : {}) },
  });
}

function exhausted(server: ServerContext, { metadata, status }: KubernetesObject): unknown[] {
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: metadata.generation,
    lastTransitionTime: formatTime(server.simulation.clock.now()),
    reason: 'InsufficientPods',
    message: '',
  };
  return [...(status.conditions ?? []).filter(({ type }: any) => type !== condition.type), condition];
}

const isReady = ({ status }: KubernetesObject): boolean =>
  (status?.conditions ?? []).some((each: any) => each.type === 'Ready' && each.status === 'True');

/** A Pod that is not ready may go when its budget says so, or when the budget holds without it. */
function toleratesUnhealthy({ spec, status }: KubernetesObject): boolean {
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0) && (status?.desiredHealthy ?? 0) > 0;
}

function checkBudget({ metadata, status = {} }: KubernetesObject): void {
  const { name } = metadata;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  if (status.disruptionsAllowed < 0) {
    throw new StatusError(403, 'Forbidden', 'pdb disruptions allowed is negative');
  }
  if (Object.keys(status.disruptedPods ?? {}).length > MAX_DISRUPTED_PODS) {
    throw new StatusError(
      403,
      'Forbidden',
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  }
  if ((status.disruptionsAllowed ?? 0) > 0) return;
  const { desiredHealthy = 0, currentHealthy = 0 } = status;
  throw tooMany(
    `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
  );
}

function tooMany(cause: string, retryAfterSeconds?: number): StatusError {
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  return new StatusError(429, 'TooManyRequests', message, {
    causes: [{ reason: 'DisruptionBudget', message: cause }],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}
