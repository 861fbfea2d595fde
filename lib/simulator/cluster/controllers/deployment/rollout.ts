/**
 * One reconcile of a Deployment: the Deployment and its ReplicaSets as they are now, and the numbers that follow from its
 * spec. The steps in the files beside this one read it and keep it up to date as they write.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy
 */
import { scaledValue } from '../../../../kubernetes/int-or-string';
import type { KubernetesObject } from '../../../../kubernetes/object';
import type { ControllerContext } from '../controller';

export const DEPLOYMENTS = 'deployments.apps';
export const REPLICA_SETS = 'replicasets.apps';
/** "No limit" for progressDeadlineSeconds and revisionHistoryLimit. */
const MAX_INT32 = 2_147_483_647;

export interface Rollout {
  readonly context: ControllerContext;
  deployment: KubernetesObject;
  /** The one with the Deployment's template. */
  newReplicaSet: KubernetesObject | undefined;
  /** All others, oldest first. */
  oldReplicaSets: readonly KubernetesObject[];
}

export function allReplicaSets(rollout: Rollout): readonly KubernetesObject[] {
  const { newReplicaSet, oldReplicaSets } = rollout;
  return newReplicaSet ? [...oldReplicaSets, newReplicaSet] : oldReplicaSets;
}

/** The ReplicaSets that are asked for at least one pod. */
export function active(replicaSets: readonly KubernetesObject[]): KubernetesObject[] {
  return replicaSets.filter((replicaSet) => specReplicas(replicaSet) > 0);
}

/** Puts the new state of a ReplicaSet in the place of its old one. */
export function replaceReplicaSet(rollout: Rollout, updated: KubernetesObject): void {
  const isIt = (replicaSet: KubernetesObject) => replicaSet.metadata.uid === updated.metadata.uid;
  if (rollout.newReplicaSet && isIt(rollout.newReplicaSet)) rollout.newReplicaSet = updated;
  rollout.oldReplicaSets = rollout.oldReplicaSets.map((replicaSet) => (isIt(replicaSet) ? updated : replicaSet));
}

export function specReplicas(object: KubernetesObject): number {
  return object.spec.replicas ?? 1;
}

export function sum(replicaSets: readonly KubernetesObject[], count: (replicaSet: KubernetesObject) => number): number {
  return replicaSets.reduce((total, replicaSet) => total + count(replicaSet), 0);
}

export const availableReplicas = (replicaSet: KubernetesObject): number => replicaSet.status?.availableReplicas ?? 0;
export const actualReplicas = (replicaSet: KubernetesObject): number => replicaSet.status?.replicas ?? 0;

export function isRollingUpdate(deployment: KubernetesObject): boolean {
  return (deployment.spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
}

/**
 * How many pods may be too many and how many may be missing during a rollout. Percentages are of `replicas`: the surplus is
 * rounded up, what may be missing down, and at least one of them is not zero.
 *
 * 10 replicas at 25 % / 25 %: surge ceil(2.5) = 3, unavailable floor(2.5) = 2: between 8 available and 13 in all.
 * 1 replica at 25 % / 25 %: surge 1, unavailable 0: the new pod comes before the old one goes.
 */
export function limits(deployment: KubernetesObject): { readonly maxSurge: number; readonly maxUnavailable: number } {
  if (!isRollingUpdate(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  const replicas = specReplicas(deployment);
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, replicas, 'up');
  const unavailable = scaledValue(maxUnavailable, replicas, 'down');
  // Nothing could ever change if both were zero.
  const effective = surge === 0 && unavailable === 0 ? 1 : unavailable;
  return { maxSurge: surge, maxUnavailable: Math.min(effective, replicas) };
}

/** In milliseconds; undefined when the Deployment has none. */
export function progressDeadlineMs(deployment: KubernetesObject): number | undefined {
  const seconds: number | undefined = deployment.spec.progressDeadlineSeconds;
  return seconds === undefined || seconds === MAX_INT32 ? undefined : seconds * 1000;
}

/** How many old ReplicaSets are kept; undefined for all. */
export function revisionHistoryLimit(deployment: KubernetesObject): number | undefined {
  const limit: number | undefined = deployment.spec.revisionHistoryLimit;
  return limit === undefined || limit === MAX_INT32 ? undefined : limit;
}

/** Oldest first. */
export function byAge(a: KubernetesObject, b: KubernetesObject): number {
  const [left, right] = [a.metadata.creationTimestamp!, b.metadata.creationTimestamp!];
  if (left !== right) return left < right ? -1 : 1;
  return a.metadata.name! < b.metadata.name! ? -1 : 1;
}

/** How many pods the new ReplicaSet may have now that it has `current`: as many as the surge leaves room for. */
export function newReplicas({ deployment, oldReplicaSets }: Rollout, current: number): number {
  const replicas = specReplicas(deployment);
  const total = sum(oldReplicaSets, specReplicas) + current;
  const room = replicas + limits(deployment).maxSurge - total;
  return room <= 0 ? current : current + Math.min(room, replicas - current);
}
