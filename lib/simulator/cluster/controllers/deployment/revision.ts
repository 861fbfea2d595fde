/**
 * Revisions: each template that a Deployment had is kept as a ReplicaSet with a number, so that `kubectl rollout history`
 * can list them and `kubectl rollout undo` can put an old template back.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-back-a-deployment
 *
 * Undo needs nothing from the controller: kubectl patches the old template into the Deployment; the ReplicaSet that has
 * it already becomes the new one, gets the next number, and remembers the ones it had before.
 */
import type { KubernetesObject } from '../../../../kubernetes/object';
import { limits, specReplicas } from './rollout';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
/** The most characters of {@link REVISION_HISTORY}. */
const HISTORY_LENGTH = 2000;

/** Annotations of a Deployment that its ReplicaSets do not inherit. */
const OWN_ANNOTATIONS = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

type Annotations = Readonly<Record<string, string>>;

/** 0 when it has none. */
export function revisionOf(object: KubernetesObject): number {
  return Number.parseInt(object.metadata.annotations?.[REVISION] ?? '0', 10) || 0;
}

export function nextRevision(oldReplicaSets: readonly KubernetesObject[]): number {
  return Math.max(0, ...oldReplicaSets.map(revisionOf)) + 1;
}

/** The annotations of a Deployment's new ReplicaSet: those it has, those of the Deployment, and its revision. */
export function newReplicaSetAnnotations(
  deployment: KubernetesObject,
  existing: Annotations | undefined,
  revision: number,
): Annotations {
  const annotations: Record<string, string> = { ...existing };
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!OWN_ANNOTATIONS.has(name)) annotations[name] = value;
  }
  const before = annotations[REVISION];
  if (before !== undefined && Number(before) >= revision) return annotations;
  annotations[REVISION] = String(revision);
  if (before !== undefined) annotations[REVISION_HISTORY] = appendHistory(annotations[REVISION_HISTORY], before);
  return annotations;
}

/** `1,3` and then 5 is `1,3,5`; the oldest are dropped when it gets too long. */
function appendHistory(history: string | undefined, revision: string): string {
  if (!history) return revision;
  const revisions = [...history.split(','), revision];
  while (revisions.length > 1 && revisions.join(',').length > HISTORY_LENGTH) revisions.shift();
  return revisions.join(',');
}

/** What the Deployment wants in all, noted on each ReplicaSet: tells a scaling from a rollout, and the proportions. */
export function replicasAnnotations(deployment: KubernetesObject): Annotations {
  const replicas = specReplicas(deployment);
  return {
    [DESIRED_REPLICAS]: String(replicas),
    [MAX_REPLICAS]: String(replicas + limits(deployment).maxSurge),
  };
}

export function withAnnotations(object: KubernetesObject, annotations: Annotations): KubernetesObject {
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
  };
}
