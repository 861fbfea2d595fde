/**
 * The engine of ReplicaSet and ReplicationController: keep so many pods of one template alive.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#how-a-replicaset-works
 *
 * The two differ in their kind and in the form of their selector only.
 */

import { semanticEqual } from '../../../kubernetes/equality';
import {
  type Condition,
  controllerOf,
  formatTime,
  isTerminating,
  type KubernetesObject,
} from '../../../kubernetes/object';
import { type LabelMatcher, type Labels, matchesLabels } from '../../../kubernetes/selectors';
import type { StatusError } from '../../../kubernetes/status-error';
import type { ResourceName } from '../client';
import { findCondition, omitEmpty, withCondition, withoutCondition } from './conditions';
import { type Controller, type ControllerContext, type Requeue, splitName } from './controller';
import { byDeletionRank } from './deletion-rank';
import { claim, controlledBy, indexOwnership } from './ownership';
import { isTerminatingNamespace, podControl } from './pod-control';
import {
  availableAt,
  isPodActive,
  isPodReady,
  isPodTerminating,
  nextAvailability,
  podFromTemplate,
  watchOwnedPods,
} from './pods';
import { slowStart } from './slow-start';

/** The most pods created or deleted in one reconcile. */
const BURST = 500;

export interface ReplicaKind {
  readonly collection: ResourceName;
  readonly group: string;
  readonly kind: string;
  readonly matcher: (owner: KubernetesObject) => LabelMatcher;
}

export function replicaController(context: ControllerContext, kind: ReplicaKind): Controller {
  const { store, client } = context;
  const control = podControl(context);
  const { clock } = context.simulation;
  indexOwnership(store, 'pods');
  indexOwnership(store, kind.collection);

  function reconcile(name: string): Requeue | undefined {
    const key = splitName(name);
    const owner = store.get(kind.collection, key.namespace, key.name);
    if (!owner) return undefined;
    const matches = kind.matcher(owner);
    const pods = claim({ store, client, collection: 'pods', owner, matches });
    const active = pods.filter(isPodActive);
    const failure = isTerminating(owner) ? undefined : manage(owner, active);
    const status = statusOf(owner, pods, failure);
    if (!semanticEqual(status, owner.status)) client.updateStatus(kind.collection, { ...owner, status });
    if (failure && !isTerminatingNamespace(failure.error)) throw failure.error;
    return nextAvailability(active, owner.spec.minReadySeconds ?? 0, clock.now());
  }

  /** Creates what is missing or deletes what is too much. */
  function manage(owner: KubernetesObject, active: readonly KubernetesObject[]): ManageFailure | undefined {
    const missing = (owner.spec.replicas ?? 1) - active.length;
    if (missing > 0) {
      const pod = podFromTemplate(owner.spec.template, owner);
      const { error } = slowStart(Math.min(missing, BURST), () => control.create(owner, pod));
      return error && { reason: 'FailedCreate', error };
    }
    if (missing < 0) {
      const surplus = byDeletionRank(active, relatedPods(owner, active), clock.now()).slice(
        0,
        Math.min(-missing, BURST),
      );
      const error = surplus.map((pod) => control.remove(owner, pod)).find((each) => each !== undefined);
      return error && { reason: 'FailedDelete', error };
    }
    return undefined;
  }

  /** Its own pods, and those of its siblings: a Deployment's other ReplicaSets crowd the nodes too. */
  function relatedPods(owner: KubernetesObject, own: readonly KubernetesObject[]): readonly KubernetesObject[] {
    const parent = controllerOf(owner);
    if (!parent) return own;
    const siblings = controlledBy(store, kind.collection, { ...owner, metadata: { uid: parent.uid } });
    return siblings.flatMap((sibling) => controlledBy(store, 'pods', sibling));
  }

  function statusOf(
    owner: KubernetesObject,
    pods: readonly KubernetesObject[],
    failure: ManageFailure | undefined,
  ): Record<string, unknown> {
    const now = clock.now();
    const templateLabels: Labels = owner.spec.template?.metadata?.labels ?? {};
    const minReadySeconds = owner.spec.minReadySeconds ?? 0;
    let fullyLabeledReplicas = 0;
    let readyReplicas = 0;
    let availableReplicas = 0;
    let replicas = 0;
    let terminatingReplicas = 0;
    for (const pod of pods) {
      if (isPodTerminating(pod)) terminatingReplicas++;
      if (!isPodActive(pod)) continue;
      replicas++;
      if (matchesLabels(templateLabels, pod.metadata.labels)) fullyLabeledReplicas++;
      if (!isPodReady(pod)) continue;
      readyReplicas++;
      if (availableAt(pod, minReadySeconds)! <= now) availableReplicas++;
    }
    return {
      replicas,
      ...omitEmpty({ fullyLabeledReplicas, readyReplicas, availableReplicas }),
      ...(kind.kind === 'ReplicaSet' ? { terminatingReplicas } : {}),
      ...omitEmpty({
        observedGeneration: owner.metadata.generation,
        conditions: conditionsOf(owner.status?.conditions, failure),
      }),
    };
  }

  function conditionsOf(before: readonly Condition[] | undefined, failure: ManageFailure | undefined): Condition[] {
    if (!failure) return withoutCondition(before, 'ReplicaFailure');
    if (findCondition(before, 'ReplicaFailure')) return [...before!];
    const { reason, error } = failure;
    const condition = { type: 'ReplicaFailure', status: 'True', reason, message: error.message } as const;
    return withCondition(before, condition, formatTime(clock.now()));
  }

  const matches = (owner: KubernetesObject, labels: Readonly<Record<string, string>> | undefined) =>
    kind.matcher(owner)(labels);
  const { collection, group } = kind;
  return {
    watches: [{ collection }, watchOwnedPods({ store, collection, group, kind: kind.kind, matches })],
    reconcile,
  };
}

interface ManageFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly error: StatusError;
}
