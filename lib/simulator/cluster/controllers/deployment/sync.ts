/**
 * A Deployment's ReplicaSets: finding the one with its template, making it, and clearing away those too old to keep.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#updating-a-deployment
 */
import { semanticEqual } from '../../../../kubernetes/equality';
import { controllerOf, isTerminating, type KubernetesObject } from '../../../../kubernetes/object';
import { isAlreadyExists, isNotFound, StatusError } from '../../../../kubernetes/status-error';
import { findCondition } from '../conditions';
import { controllerReference } from '../ownership';
import { isTerminatingNamespace } from '../pod-control';
import type { PodTemplate } from '../pods';
import { podTemplateHash } from '../safe-hash';
import { setCondition, writeStatus } from './progress';
import {
  newReplicaSetAnnotations,
  nextRevision,
  REVISION,
  replicasAnnotations,
  revisionOf,
  withAnnotations,
} from './revision';
import {
  byAge,
  DEPLOYMENTS,
  isRollingUpdate,
  newReplicas,
  progressDeadlineMs,
  REPLICA_SETS,
  type Rollout,
  replaceReplicaSet,
  revisionHistoryLimit,
  specReplicas,
} from './rollout';

const HASH = 'pod-template-hash';

/** Sorts a Deployment's ReplicaSets into the new one - the oldest with its template - and the others. */
export function sortReplicaSets(
  deployment: KubernetesObject,
  replicaSets: readonly KubernetesObject[],
): Pick<Rollout, 'newReplicaSet' | 'oldReplicaSets'> {
  const sorted = [...replicaSets].sort(byAge);
  const newReplicaSet = sorted.find((replicaSet) => sameTemplate(deployment, replicaSet));
  return { newReplicaSet, oldReplicaSets: sorted.filter((replicaSet) => replicaSet !== newReplicaSet) };
}

function sameTemplate(deployment: KubernetesObject, replicaSet: KubernetesObject): boolean {
  const [a, b]: PodTemplate[] = [deployment.spec.template, replicaSet.spec.template];
  return semanticEqual(a!.spec, b!.spec) && semanticEqual(metadataWithoutHash(a!), metadataWithoutHash(b!));
}

function metadataWithoutHash({ metadata = {} }: PodTemplate): object {
  const { [HASH]: _hash, ...labels } = metadata.labels ?? {};
  return { ...metadata, labels };
}

/** Brings revision, annotations and minReadySeconds of the new ReplicaSet up to date, if there is one. */
export function syncRevision(rollout: Rollout): void {
  const { context, newReplicaSet: found } = rollout;
  if (!found) return;
  const { deployment } = rollout;
  const revision = nextRevision(rollout.oldReplicaSets);
  const annotations = newReplicaSetAnnotations(deployment, found.metadata.annotations, revision);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  if (
    !semanticEqual(annotations, found.metadata.annotations ?? {}) ||
    minReadySeconds !== (found.spec.minReadySeconds ?? 0)
  ) {
    const next = withAnnotations({ ...found, spec: { ...found.spec, minReadySeconds } }, annotations);
    replaceReplicaSet(rollout, context.client.update(REPLICA_SETS, next));
  }
  noteRevision(rollout, annotations[REVISION]!, 'FoundNewReplicaSet', `Found new replica set "${found.metadata.name}"`);
}

/** Creates the new ReplicaSet if there is none yet. */
export function ensureNewReplicaSet(rollout: Rollout): void {
  if (rollout.newReplicaSet) return;
  const { context } = rollout;
  const { client, events } = context;
  const desired = newReplicaSet(rollout);
  const name = desired.metadata.name!;
  try {
    rollout.newReplicaSet = client.create(REPLICA_SETS, desired);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (isAlreadyExists(error)) {
      rollout.newReplicaSet = reuse(rollout, name);
      if (!rollout.newReplicaSet) throw error;
    } else {
      if (!isTerminatingNamespace(error)) reportCreateError(rollout, name, error);
      throw error;
    }
  }
  const created = rollout.newReplicaSet;
  const replicas = specReplicas(created);
  if (replicas > 0) {
    const message = `Scaled up replica set ${name} from 0 to ${replicas}`;
    events.event(rollout.deployment, 'Normal', 'ScalingReplicaSet', message);
  }
  const message = `Created new replica set "${name}"`;
  noteRevision(rollout, created.metadata.annotations![REVISION]!, 'NewReplicaSetCreated', message);
}

function newReplicaSet(rollout: Rollout): KubernetesObject {
  const { deployment, oldReplicaSets } = rollout;
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = podTemplateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [HASH]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: {
        ...newReplicaSetAnnotations(deployment, undefined, nextRevision(oldReplicaSets)),
        ...replicasAnnotations(deployment),
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: isRollingUpdate(deployment) ? newReplicas(rollout, 0) : specReplicas(deployment),
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** Somebody has the name: us, a moment ago, or a stranger with the same hash, who makes us take another hash next time. */
function reuse(rollout: Rollout, name: string): KubernetesObject | undefined {
  const { deployment, context } = rollout;
  const found = context.client.tryGet(REPLICA_SETS, deployment.metadata.namespace, name);
  if (!found) return undefined;
  if (controllerOf(found)?.uid === deployment.metadata.uid && sameTemplate(deployment, found)) return found;
  const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
  writeStatus(rollout, { ...deployment.status, collisionCount });
  return undefined;
}

function reportCreateError(rollout: Rollout, name: string, error: StatusError): void {
  const { deployment, context } = rollout;
  const message = `Failed to create new replica set "${name}": ${error.message}`;
  const reason = 'ReplicaSetCreateError';
  if (progressDeadlineMs(deployment) !== undefined) {
    const failed = { type: 'Progressing', status: 'False', reason, message } as const;
    const conditions = setCondition(deployment.status?.conditions, failed, context.simulation.clock.now());
    writeStatus(rollout, { ...deployment.status, conditions });
  }
  context.events.event(deployment, 'Warning', reason, message);
}

/** Writes the revision on the Deployment and the first word about a rollout's progress into its conditions. */
function noteRevision(rollout: Rollout, revision: string, reason: string, message: string): void {
  const { deployment, context } = rollout;
  const isNew = reason === 'NewReplicaSetCreated';
  const estimates = progressDeadlineMs(deployment) !== undefined;
  const note = estimates && (isNew || !findCondition(deployment.status?.conditions, 'Progressing'));
  if (!note && deployment.metadata.annotations?.[REVISION] === revision) return;
  const progressing = { type: 'Progressing', status: 'True', reason, message } as const;
  const now = context.simulation.clock.now();
  const status = note
    ? { ...deployment.status, conditions: setCondition(deployment.status?.conditions, progressing, now) }
    : deployment.status;
  const next = withAnnotations({ ...deployment, ...(status ? { status } : {}) }, { [REVISION]: revision });
  rollout.deployment = context.client.updateStatus(DEPLOYMENTS, next);
}

/** Deletes the oldest ReplicaSets beyond `revisionHistoryLimit`, if they are empty. */
export function cleanUpHistory({ deployment, oldReplicaSets, context }: Rollout): void {
  const limit = revisionHistoryLimit(deployment);
  if (limit === undefined) return;
  const kept = oldReplicaSets.filter((replicaSet) => !isTerminating(replicaSet));
  const surplus = kept.length - limit;
  if (surplus <= 0) return;
  for (const replicaSet of kept.sort((a, b) => revisionOf(a) - revisionOf(b) || byAge(a, b)).slice(0, surplus)) {
    const { status, metadata } = replicaSet;
    const empty = specReplicas(replicaSet) === 0 && (status?.replicas ?? 0) === 0;
    if (!empty || (metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) continue;
    try {
      context.client.delete(REPLICA_SETS, metadata.namespace, metadata.name!);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
