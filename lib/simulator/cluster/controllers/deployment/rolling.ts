/**
 * RollingUpdate: new pods come and old pods go, step by step, with never too many and never too few.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 *
 * 10 replicas at 25 % / 25 % (at most 13 in all, at least 8 available):
 *   10 old + 3 new: the surplus is used up; none of the new is available yet
 *    8 old + 3 new: two may be missing
 *    8 old + 5 new: which makes room for two more
 *    5 old + 5 new: as soon as three of the new are available, and so on.
 * With an image that does not start it rests at 8 old + 5 new: the old ones go on serving.
 */

import type { Requeue } from '../controller';
import { isComplete, syncRolloutStatus } from './progress';
import {
  active,
  allReplicaSets,
  availableReplicas,
  byAge,
  limits,
  newReplicas,
  type Rollout,
  specReplicas,
  sum,
} from './rollout';
import { scaleReplicaSet } from './scale';
import { cleanUpHistory, ensureNewReplicaSet } from './sync';

export function rollOutRolling(rollout: Rollout): Requeue | undefined {
  ensureNewReplicaSet(rollout);
  if (scaleUpNew(rollout)) return syncRolloutStatus(rollout);
  if (scaleDownOld(rollout)) return syncRolloutStatus(rollout);
  if (isComplete(rollout.deployment)) cleanUpHistory(rollout);
  return syncRolloutStatus(rollout);
}

function scaleUpNew(rollout: Rollout): boolean {
  const { deployment } = rollout;
  const newReplicaSet = rollout.newReplicaSet!;
  const replicas = specReplicas(deployment);
  if (specReplicas(newReplicaSet) === replicas) return false;
  if (specReplicas(newReplicaSet) > replicas) return scaleReplicaSet(rollout, newReplicaSet, replicas);
  return scaleReplicaSet(rollout, newReplicaSet, newReplicas(rollout, specReplicas(newReplicaSet)));
}

function scaleDownOld(rollout: Rollout): boolean {
  const { deployment } = rollout;
  const newReplicaSet = rollout.newReplicaSet!;
  if (sum(rollout.oldReplicaSets, specReplicas) === 0) return false;
  const minAvailable = specReplicas(deployment) - limits(deployment).maxUnavailable;
  // New pods that are not available yet must not be counted upon.
  const newUnavailable = specReplicas(newReplicaSet) - availableReplicas(newReplicaSet);
  const budget = sum(allReplicaSets(rollout), specReplicas) - minAvailable - newUnavailable;
  if (budget <= 0) return false;
  const cleaned = removeUnhealthy(rollout, budget);
  const removed = removeAvailable(rollout, minAvailable);
  return cleaned + removed > 0;
}

/** Old pods that serve nobody go first, oldest ReplicaSet first: they cost no availability. */
function removeUnhealthy(rollout: Rollout, budget: number): number {
  let removed = 0;
  for (const old of active(rollout.oldReplicaSets).sort(byAge)) {
    const count = Math.min(budget - removed, specReplicas(old) - availableReplicas(old));
    if (count <= 0) continue;
    scaleReplicaSet(rollout, old, specReplicas(old) - count);
    removed += count;
  }
  return removed;
}

/** Available old pods go as far as enough others are available. */
function removeAvailable(rollout: Rollout, minAvailable: number): number {
  const budget = sum(allReplicaSets(rollout), availableReplicas) - minAvailable;
  let removed = 0;
  for (const old of active(rollout.oldReplicaSets).sort(byAge)) {
    const count = Math.min(budget - removed, specReplicas(old));
    if (count <= 0) break;
    scaleReplicaSet(rollout, old, specReplicas(old) - count);
    removed += count;
  }
  return removed;
}
