/**
 * The status of a Deployment: how many, and is it getting anywhere?
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 *
 * `Progressing` tells the life of a rollout: NewReplicaSetCreated -> ReplicaSetUpdated (its lastUpdateTime moves with every
 * progress) -> NewReplicaSetAvailable; or, when nothing got better for progressDeadlineSeconds, ProgressDeadlineExceeded.
 * After NewReplicaSetAvailable the deadline rests: a pod that dies later is no failed rollout.
 */

import { semanticEqual } from '../../../../kubernetes/equality';
import { type Condition, formatTime, type KubernetesObject } from '../../../../kubernetes/object';
import { findCondition, omitEmpty, withoutCondition } from '../conditions';
import type { Requeue } from '../controller';
import {
  actualReplicas,
  allReplicaSets,
  availableReplicas,
  DEPLOYMENTS,
  limits,
  progressDeadlineMs,
  type Rollout,
  specReplicas,
  sum,
} from './rollout';

interface DeploymentStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly collisionCount?: number;
  readonly conditions?: Condition[];
}

interface NewCondition {
  readonly type: 'Available' | 'Progressing' | 'ReplicaFailure';
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

/** A condition of the same type, status and reason stays as it is, message and times included. */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  condition: NewCondition,
  nowMs: number,
): Condition[] {
  const before = findCondition(conditions, condition.type);
  if (before?.status === condition.status && before.reason === condition.reason) return [...conditions!];
  const now = formatTime(nowMs);
  const { type, status, reason, message } = condition;
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
  return [
    ...withoutCondition(conditions, type),
    { type, status, lastUpdateTime: now, lastTransitionTime, reason, message },
  ];
}

/** All replicas are of the new template and available, and no older ones are left. */
export function isComplete(deployment: KubernetesObject, status: DeploymentStatus = deployment.status ?? {}): boolean {
  const replicas = specReplicas(deployment);
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** Writes the status while something rolls out. @returns when to look whether the rollout got stuck. */
export function syncRolloutStatus(rollout: Rollout): Requeue | undefined {
  const { deployment } = rollout;
  const before: DeploymentStatus = deployment.status ?? {};
  let status = computeStatus(rollout);
  let conditions = status.conditions ?? [];
  const deadline = progressDeadlineMs(deployment);
  if (deadline === undefined) conditions = withoutCondition(conditions, 'Progressing');
  else if (!rolledOutBefore(before, status)) conditions = progressConditions(rollout, status, conditions);
  const failure = replicaFailure(rollout);
  conditions = failure
    ? setCondition(conditions, failure, rollout.context.simulation.clock.now())
    : withoutCondition(conditions, 'ReplicaFailure');
  status = { ...status, conditions };
  writeStatus(rollout, status);
  return deadline === undefined ? undefined : checkAgain(rollout, deadline);
}

/** Writes the status while nothing rolls out: paused, or only scaled. */
export function syncStatus(rollout: Rollout): void {
  writeStatus(rollout, computeStatus(rollout));
}

/** Writes a status, and annotations that were changed with it, if there is anything new. */
export function writeStatus(rollout: Rollout, status: object): void {
  const { deployment, context } = rollout;
  if (semanticEqual(status, deployment.status)) return;
  rollout.deployment = context.client.updateStatus(DEPLOYMENTS, { ...deployment, status });
}

function computeStatus(rollout: Rollout): DeploymentStatus {
  const { deployment, newReplicaSet, context } = rollout;
  const all = allReplicaSets(rollout);
  const available = sum(all, availableReplicas);
  const wanted = sum(all, specReplicas);
  const enough = available >= specReplicas(deployment) - limits(deployment).maxUnavailable;
  const availability: NewCondition = enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  return {
    ...omitEmpty({
      observedGeneration: deployment.metadata.generation,
      replicas: sum(all, actualReplicas),
      updatedReplicas: newReplicaSet ? actualReplicas(newReplicaSet) : 0,
      readyReplicas: sum(all, (replicaSet) => replicaSet.status?.readyReplicas ?? 0),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, wanted - available),
    }),
    terminatingReplicas: sum(all, (replicaSet) => replicaSet.status?.terminatingReplicas ?? 0),
    conditions: setCondition(deployment.status?.conditions, availability, context.simulation.clock.now()),
    ...(deployment.status?.collisionCount === undefined ? {} : { collisionCount: deployment.status.collisionCount }),
  } as DeploymentStatus;
}

/** The last rollout was completed and no newer one began. */
function rolledOutBefore(before: DeploymentStatus, status: DeploymentStatus): boolean {
  const progressing = findCondition(before.conditions, 'Progressing');
  return (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && progressing?.reason === 'NewReplicaSetAvailable';
}

function progressConditions(rollout: Rollout, status: DeploymentStatus, conditions: Condition[]): Condition[] {
  const { deployment, newReplicaSet } = rollout;
  const now = rollout.context.simulation.clock.now();
  const subject = newReplicaSet
    ? `ReplicaSet "${newReplicaSet.metadata.name}"`
    : `Deployment "${deployment.metadata.name}"`;
  const progressing = (status: Condition['status'], reason: string, what: string) =>
    ({ type: 'Progressing', status, reason, message: `${subject} ${what}` }) as const;
  if (isComplete(deployment, status)) {
    const complete = progressing('True', 'NewReplicaSetAvailable', 'has successfully progressed.');
    return setCondition(conditions, complete, now);
  }
  if (madeProgress(deployment.status ?? {}, status)) {
    // Here, unlike elsewhere, lastUpdateTime moves although status and reason stay.
    const before = findCondition(conditions, 'Progressing');
    const updated = progressing('True', 'ReplicaSetUpdated', 'is progressing.');
    const [moved] = setCondition([], updated, now);
    if (before?.status === 'True') moved!.lastTransitionTime = before.lastTransitionTime;
    return [...withoutCondition(conditions, 'Progressing'), moved!];
  }
  if (isTimedOut(deployment, status, now)) {
    return setCondition(
      conditions,
      progressing('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'),
      now,
    );
  }
  return conditions;
}

/** More updated, fewer old, more ready or more available replicas than before. */
function madeProgress(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function isTimedOut(deployment: KubernetesObject, status: DeploymentStatus, now: number): boolean {
  const progressing = findCondition(status.conditions, 'Progressing');
  if (!progressing || progressing.reason === 'NewReplicaSetAvailable') return false;
  if (progressing.reason === 'ProgressDeadlineExceeded') return true;
  return Date.parse(progressing.lastUpdateTime!) + progressDeadlineMs(deployment)! < now;
}

/** Nothing happens when the deadline passes, so it is the clock that has to wake us: a second after it. */
function checkAgain(rollout: Rollout, deadline: number): Requeue | undefined {
  const { deployment } = rollout;
  const progressing = findCondition(deployment.status?.conditions, 'Progressing');
  if (!progressing || progressing.reason === 'ProgressDeadlineExceeded' || isComplete(deployment)) return undefined;
  if (progressing.reason === 'NewReplicaSetAvailable') return undefined;
  const left = Date.parse(progressing.lastUpdateTime!) + deadline - rollout.context.simulation.clock.now();
  return { afterMs: Math.max(0, left) + 1000 };
}

/** Why pods cannot be made or removed, taken over from the ReplicaSet that knows: the new one first. */
function replicaFailure(rollout: Rollout): NewCondition | undefined {
  const { newReplicaSet, oldReplicaSets } = rollout;
  for (const replicaSet of newReplicaSet ? [newReplicaSet, ...oldReplicaSets] : oldReplicaSets) {
    const failure = findCondition(replicaSet.status?.conditions, 'ReplicaFailure');
    if (failure) return failure as NewCondition;
  }
  return undefined;
}
