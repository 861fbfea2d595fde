/**
 * Recreate: all old pods go before the first new one comes. For what must not run twice.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment
 */

import type { Requeue } from '../controller';
import { controlledBy } from '../ownership';
import { isPodFinished } from '../pods';
import { isComplete, syncRolloutStatus } from './progress';
import { active, actualReplicas, type Rollout, specReplicas, sum } from './rollout';
import { scaleReplicaSet } from './scale';
import { cleanUpHistory, ensureNewReplicaSet } from './sync';

export function rollOutRecreate(rollout: Rollout): Requeue | undefined {
  const old = active(rollout.oldReplicaSets);
  for (const replicaSet of old) scaleReplicaSet(rollout, replicaSet, 0);
  if (old.length > 0 || oldPodsRun(rollout)) return syncRolloutStatus(rollout);
  ensureNewReplicaSet(rollout);
  scaleReplicaSet(rollout, rollout.newReplicaSet!, specReplicas(rollout.deployment));
  if (isComplete(rollout.deployment)) cleanUpHistory(rollout);
  return syncRolloutStatus(rollout);
}

/** Also one that is being deleted still runs. */
function oldPodsRun({ context, oldReplicaSets }: Rollout): boolean {
  if (sum(oldReplicaSets, actualReplicas) > 0) return true;
  return oldReplicaSets.some((replicaSet) =>
    controlledBy(context.store, 'pods', replicaSet).some((pod) => !isPodFinished(pod)),
  );
}
