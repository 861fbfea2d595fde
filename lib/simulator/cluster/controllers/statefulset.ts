/**
 * StatefulSet: pods with a number, a name and storage of their own, that come, go and change one after the other.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 *
 * Each reconcile goes through the numbers: first those that should be there, upwards; then those that should not, from the
 * highest down; then the update, from the highest down to the partition. With OrderedReady it stops at the first pod that
 * is not running and ready; with Parallel it stops at nothing (but updates go one by one in both).
 *
 * Left out: `maxUnavailable`.
 */
import { semanticEqual } from '../../../kubernetes/equality';
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { isAlreadyExists, isNotFound, StatusError } from '../../../kubernetes/status-error';
import { omitEmpty } from './conditions';
import {
  type Controller,
  type ControllerContext,
  type ControllerDefinition,
  type Requeue,
  splitName,
} from './controller';
import { claim, indexOwnership, matcherOf } from './ownership';
import { availableAt, isPodFinished, isPodReady, nextAvailability, watchOwnedPods } from './pods';
import {
  canonicalJson,
  currentRevision,
  listRevisions,
  REVISION_HASH,
  REVISIONS,
  templateOf,
  templatePatch,
  truncateHistory,
} from './revision-history';
import { revisionHash } from './safe-hash';
import { claimsFor, dropsOnScaleDown, missingIdentity, ordinalOf, statefulPod } from './stateful-pod';

const SETS = 'statefulsets.apps';

export const statefulSetController: ControllerDefinition = {
  name: 'statefulset-controller',
  serviceAccount: 'statefulset-controller',
  create: createStatefulSetController,
};

/** One reconcile: the set, its pods by number, and the two revisions between which it may be. */
interface Round {
  readonly set: KubernetesObject;
  readonly replicas: ReadonlyMap<number, KubernetesObject | undefined>;
  /** Beyond the wanted numbers, highest first. */
  readonly condemned: readonly KubernetesObject[];
  readonly current: KubernetesObject;
  readonly update: KubernetesObject;
  readonly ordered: boolean;
}

function createStatefulSetController(context: ControllerContext): Controller {
  const { store, client, events } = context;
  const { clock } = context.simulation;
  for (const collection of ['pods', REVISIONS]) indexOwnership(store, collection);

  function reconcile(name: string): Requeue | undefined {
    const key = splitName(name);
    const set = store.get(SETS, key.namespace, key.name);
    if (!set) return undefined;
    const matches = matcherOf(set.spec.selector);
    const pods = claim({ store, client, collection: 'pods', owner: set, matches });
    const round = prepare(set, pods);
    let failure: StatusError | undefined;
    try {
      if (!isTerminating(set)) manage(round);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      failure = error;
    }
    writeStatus(round);
    if (failure) throw failure;
    return nextAvailability(pods, set.spec.minReadySeconds ?? 0, clock.now());
  }

  function prepare(set: KubernetesObject, pods: readonly KubernetesObject[]): Round {
    const collisions: number = set.status?.collisionCount ?? 0;
    const revisions = listRevisions(context, set);
    const hash = revisionHash(canonicalJson(templatePatch(set)), collisions);
    const labels = { 'controller.kubernetes.io/hash': hash };
    const update = currentRevision(context, set, revisions, { hash, labels });
    if (!update) {
      client.updateStatus(SETS, { ...set, status: { ...set.status, collisionCount: collisions + 1 } });
      throw new StatusError(409, 'AlreadyExists', `the revision of ${set.metadata.name} is taken`);
    }
    const current = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
    const inUse = pods.map((pod) => pod.metadata.labels?.[REVISION_HASH]);
    truncateHistory(context, set, revisions, new Set([...inUse, current.metadata.name, update.metadata.name]));
    return { set, current, update, ordered: set.spec.podManagementPolicy !== 'Parallel', ...byOrdinal(set, pods) };
  }

  /** Does the next thing, or with Parallel everything, that the pods need. */
  function manage(round: Round): void {
    for (const [ordinal, pod] of round.replicas) {
      if (fillPlace(round, ordinal, pod) === 'wait' && round.ordered) return;
    }
    const firstUnhealthy = [...round.replicas.values(), ...[...round.condemned].reverse()].find(
      (pod) => pod && !isHealthy(pod),
    );
    for (const pod of round.condemned) {
      if (isTerminating(pod)) {
        if (round.ordered) return;
        continue;
      }
      if (round.ordered && !isAvailable(round.set, pod) && pod !== firstUnhealthy) return;
      dropClaims(round.set, pod);
      remove(round.set, pod);
      if (round.ordered) return;
    }
    updateOne(round);
  }

  /** Sees to one number. `wait`: nothing of a higher number may happen yet. */
  function fillPlace(round: Round, ordinal: number, pod: KubernetesObject | undefined): 'wait' | 'done' {
    const { set } = round;
    if (!pod) {
      create(round, ordinal);
      return 'wait';
    }
    if (isPodFinished(pod)) {
      if (!isTerminating(pod)) {
        const { namespace, name } = set.metadata;
        const message = `StatefulSet ${namespace}/${name} is recreating ${pod.status.phase} Pod ${pod.metadata.name}`;
        events.event(set, 'Warning', 'RecreatingFailedPod', message);
        remove(set, pod);
      }
      return 'wait';
    }
    if (isTerminating(pod)) return 'wait';
    const identity = missingIdentity(set, pod);
    if (identity) {
      client.patch('pods', pod.metadata.namespace, pod.metadata.name!, 'merge', { metadata: { labels: identity } });
      const message = `update Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
      events.event(set, 'Normal', 'SuccessfulUpdate', message);
    }
    return isAvailable(set, pod) ? 'done' : 'wait';
  }

  function create(round: Round, ordinal: number): void {
    const { set } = round;
    const revision = needsCurrentRevision(round, ordinal) ? round.current : round.update;
    const pod = statefulPod(set, ordinal, templateOf(revision), revision.metadata.name!);
    const podName = pod.metadata.name!;
    const setName = set.metadata.name;
    try {
      for (const each of claimsFor(set, podName)) createClaim(set, podName, each);
      client.create('pods', pod);
      events.event(set, 'Normal', 'SuccessfulCreate', `create Pod ${podName} in StatefulSet ${setName} successful`);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const message = `create Pod ${podName} in StatefulSet ${setName} failed error: ${error.message}`;
      events.event(set, 'Warning', 'FailedCreate', message);
      throw error;
    }
  }

  function createClaim(set: KubernetesObject, podName: string, wanted: KubernetesObject): void {
    const { namespace, name } = wanted.metadata;
    if (store.get('persistentvolumeclaims', namespace, name!)) return;
    try {
      client.create('persistentvolumeclaims', wanted);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const message = `create Claim ${name} Pod ${podName} in StatefulSet ${set.metadata.name} success`;
    events.event(set, 'Normal', 'SuccessfulCreate', message);
  }

  /** Below the partition, and while a rollout has not reached it, a new pod is made from the old template. */
  function needsCurrentRevision({ set }: Round, ordinal: number): boolean {
    const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
    if (type === 'OnDelete') return false;
    const start = set.spec.ordinals?.start ?? 0;
    return rollingUpdate
      ? ordinal < start + (rollingUpdate.partition ?? 0)
      : ordinal < start + (set.status?.currentReplicas ?? 0);
  }

  /** Replaces the highest pod of an old revision, if all above it are well. */
  function updateOne({ set, replicas, update }: Round): void {
    const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
    if (type === 'OnDelete') return;
    const pods = [...replicas.values()];
    for (let i = pods.length - 1; i >= (rollingUpdate?.partition ?? 0); i--) {
      const pod = pods[i];
      if (!pod) return;
      if (pod.metadata.labels?.[REVISION_HASH] !== update.metadata.name && !isTerminating(pod)) {
        remove(set, pod);
        return;
      }
      if (!isAvailable(set, pod)) return;
    }
  }

  function remove(set: KubernetesObject, pod: KubernetesObject): void {
    const { namespace, name, uid } = pod.metadata;
    try {
      client.delete('pods', namespace, name!, { preconditions: { uid } });
      const message = `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`;
      events.event(set, 'Normal', 'SuccessfulDelete', message);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** `whenScaled: Delete`: the claims become the pod's, and are collected with it. */
  function dropClaims(set: KubernetesObject, pod: KubernetesObject): void {
    if (!dropsOnScaleDown(set)) return;
    const { name, uid } = pod.metadata;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: name!, uid: uid! }];
    for (const { metadata } of claimsFor(set, name!)) {
      const found = store.get('persistentvolumeclaims', metadata.namespace, metadata.name!);
      if (found)
        client.update('persistentvolumeclaims', { ...found, metadata: { ...found.metadata, ownerReferences } });
    }
  }

  function isAvailable(set: KubernetesObject, pod: KubernetesObject): boolean {
    if (!isHealthy(pod)) return false;
    return availableAt(pod, set.spec.minReadySeconds ?? 0)! <= clock.now();
  }

  function writeStatus({ set, current, update }: Round): void {
    const matches = matcherOf(set.spec.selector);
    const pods = claim({ store, client, collection: 'pods', owner: set, matches });
    const status = statusOf(set, pods, { current: current.metadata.name!, update: update.metadata.name! });
    if (!semanticEqual(status, set.status)) client.updateStatus(SETS, { ...set, status });
  }

  function statusOf(
    set: KubernetesObject,
    pods: readonly KubernetesObject[],
    { current, update }: { readonly current: string; readonly update: string },
  ): Record<string, unknown> {
    const count = (test: (pod: KubernetesObject) => boolean) => pods.filter(test).length;
    const ofRevision = (revision: string) => (pod: KubernetesObject) =>
      !isTerminating(pod) && pod.metadata.labels?.[REVISION_HASH] === revision;
    const readyReplicas = count((pod) => pod.status?.phase === 'Running' && isPodReady(pod));
    const updatedReplicas = count(ofRevision(update));
    // All of them are of the new revision and ready: it is the current one from now on.
    const complete = updatedReplicas === pods.length && readyReplicas === pods.length;
    const rolling = set.spec.updateStrategy?.type !== 'OnDelete';
    return {
      ...omitEmpty({ observedGeneration: set.metadata.generation }),
      replicas: pods.length,
      ...omitEmpty({
        readyReplicas,
        currentReplicas: complete && rolling ? updatedReplicas : count(ofRevision(current)),
        updatedReplicas,
        currentRevision: complete && rolling ? update : current,
        updateRevision: update,
      }),
      collisionCount: set.status?.collisionCount ?? 0,
      availableReplicas: count((pod) => isAvailable(set, pod) || (isTerminating(pod) && isAvailablePod(set, pod))),
    };
  }

  function isAvailablePod(set: KubernetesObject, pod: KubernetesObject): boolean {
    const at = availableAt(pod, set.spec.minReadySeconds ?? 0);
    return pod.status?.phase === 'Running' && at !== undefined && at <= clock.now();
  }

  return {
    watches: [
      { collection: SETS },
      watchOwnedPods({
        store,
        collection: SETS,
        group: 'apps',
        kind: 'StatefulSet',
        matches: (set, labels) => matcherOf(set.spec.selector)(labels),
      }),
    ],
    reconcile,
  };
}

function byOrdinal(set: KubernetesObject, pods: readonly KubernetesObject[]): Pick<Round, 'replicas' | 'condemned'> {
  const start: number = set.spec.ordinals?.start ?? 0;
  const end = start + (set.spec.replicas ?? 1);
  const replicas = new Map<number, KubernetesObject | undefined>();
  for (let ordinal = start; ordinal < end; ordinal++) replicas.set(ordinal, undefined);
  const condemned: { readonly ordinal: number; readonly pod: KubernetesObject }[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    if (replicas.has(ordinal)) replicas.set(ordinal, pod);
    else condemned.push({ ordinal, pod });
  }
  return { replicas, condemned: condemned.sort((a, b) => b.ordinal - a.ordinal).map(({ pod }) => pod) };
}

function isHealthy(pod: KubernetesObject): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod) && !isTerminating(pod);
}
