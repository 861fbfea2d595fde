/**
 * Scaling a Deployment, also in the middle of a rollout.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
 */
import type { KubernetesObject } from '../../../../kubernetes/object';
import { DESIRED_REPLICAS, MAX_REPLICAS, replicasAnnotations, withAnnotations } from './revision';
import {
  active,
  allReplicaSets,
  availableReplicas,
  byAge,
  isRollingUpdate,
  limits,
  REPLICA_SETS,
  type Rollout,
  replaceReplicaSet,
  specReplicas,
  sum,
} from './rollout';

/** Whether `spec.replicas` changed since the ReplicaSets were last scaled: then it is scaled, not rolled out. */
export function isScalingEvent(rollout: Rollout): boolean {
  return active(allReplicaSets(rollout)).some((replicaSet) => {
    const desired = replicaSet.metadata.annotations?.[DESIRED_REPLICAS];
    return desired !== undefined && Number(desired) !== specReplicas(rollout.deployment);
  });
}

/** Brings all ReplicaSets together to the size that the Deployment asks for. */
export function scale(rollout: Rollout): void {
  const { deployment, newReplicaSet, oldReplicaSets } = rollout;
  const replicas = specReplicas(deployment);
  const only = activeOrLatest(rollout);
  if (only) {
    scaleReplicaSet(rollout, only, replicas);
    return;
  }
  if (newReplicaSet && isSaturated(deployment, newReplicaSet)) {
    for (const old of active(oldReplicaSets)) scaleReplicaSet(rollout, old, 0);
    return;
  }
  if (isRollingUpdate(deployment)) scaleProportionally(rollout);
}

/**
 * Shares out what is to be added or removed in proportion to size.
 *
 * A rollout of 10 replicas (at most 13) that is stuck at 8 old + 5 new is scaled to 20 (at most 25): 12 are to be added.
 * Old: round(8 * 25/13) = 15, that is 7 more; new: round(5 * 25/13) = 10, 5 more. Nothing is left over.
 */
function scaleProportionally(rollout: Rollout): void {
  const { deployment } = rollout;
  const replicas = specReplicas(deployment);
  const allowed = replicas > 0 ? replicas + limits(deployment).maxSurge : 0;
  const replicaSets = active(allReplicaSets(rollout));
  const toAdd = allowed - sum(replicaSets, specReplicas);
  const newerFirst = toAdd > 0;
  replicaSets.sort((a, b) => specReplicas(b) - specReplicas(a) || (newerFirst ? byAge(b, a) : byAge(a, b)));
  const shares = replicaSets.map(() => 0);
  let added = 0;
  replicaSets.forEach((replicaSet, i) => {
    if (toAdd === added) return;
    const fair = fairSize(deployment, replicaSet, allowed) - specReplicas(replicaSet);
    shares[i] = toAdd > 0 ? Math.min(fair, toAdd - added) : Math.max(fair, toAdd - added);
    added += shares[i]!;
  });
  // What rounding left over goes to the largest.
  if (shares.length > 0) shares[0]! += toAdd - added;
  replicaSets.forEach((replicaSet, i) => {
    scaleReplicaSet(rollout, replicaSet, Math.max(0, specReplicas(replicaSet) + shares[i]!));
  });
}

function fairSize(deployment: KubernetesObject, replicaSet: KubernetesObject, allowed: number): number {
  if (specReplicas(deployment) === 0) return 0;
  const noted = Number(replicaSet.metadata.annotations?.[MAX_REPLICAS] ?? 0);
  const before = noted || deployment.status?.replicas || allowed;
  return Math.round((specReplicas(replicaSet) * allowed) / before);
}

/** The only active ReplicaSet, or the newest one when none is active; undefined when several are active. */
function activeOrLatest({ newReplicaSet, oldReplicaSets }: Rollout): KubernetesObject | undefined {
  const all = newReplicaSet ? [...oldReplicaSets, newReplicaSet] : oldReplicaSets;
  const alive = active(all);
  if (alive.length > 1) return undefined;
  return alive[0] ?? newReplicaSet ?? oldReplicaSets[oldReplicaSets.length - 1];
}

/** The new ReplicaSet carries the whole Deployment. */
function isSaturated(deployment: KubernetesObject, newReplicaSet: KubernetesObject): boolean {
  const replicas = specReplicas(deployment);
  return (
    specReplicas(newReplicaSet) === replicas &&
    Number(newReplicaSet.metadata.annotations?.[DESIRED_REPLICAS]) === replicas &&
    availableReplicas(newReplicaSet) === replicas
  );
}

/** Sets the size of one ReplicaSet and says so. @returns whether it changed. */
export function scaleReplicaSet(rollout: Rollout, replicaSet: KubernetesObject, replicas: number): boolean {
  const { deployment, context } = rollout;
  const before = specReplicas(replicaSet);
  const annotations = replicasAnnotations(deployment);
  const annotated = Object.entries(annotations).every(
    ([key, value]) => replicaSet.metadata.annotations?.[key] === value,
  );
  if (before === replicas && annotated) return false;
  const next = withAnnotations({ ...replicaSet, spec: { ...replicaSet.spec, replicas } }, annotations);
  replaceReplicaSet(rollout, context.client.update(REPLICA_SETS, next));
  if (before === replicas) return false;
  const direction = replicas > before ? 'up' : 'down';
  const message = `Scaled ${direction} replica set ${replicaSet.metadata.name} from ${before} to ${replicas}`;
  context.events.event(deployment, 'Normal', 'ScalingReplicaSet', message);
  return true;
}
