/**
 * Deployment: declarative updates for Pods. It owns one ReplicaSet per template it ever had and moves replicas from the
 * old ones to the new one.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
 *
 * - `sync.ts` finds or makes the new ReplicaSet and clears away history;
 * - `rolling.ts` and `recreate.ts` are the two strategies;
 * - `scale.ts` changes the size, in the middle of a rollout in proportion;
 * - `revision.ts` numbers the ReplicaSets, `progress.ts` writes the status.
 *
 * Left out: the rollback request of the long gone extensions/v1beta1 API, and podReplacementPolicy (alpha).
 */
import { controllerOf, isTerminating, type KubernetesObject } from '../../../../kubernetes/object';
import type { StoreEvent } from '../../store';
import { findCondition } from '../conditions';
import { type Controller, type ControllerContext, type ControllerDefinition, nameOf, splitName } from '../controller';
import { claim, indexOwnership, matcherOf, selectsAll, watchDependents } from '../ownership';
import { setCondition, syncStatus, writeStatus } from './progress';
import { rollOutRecreate } from './recreate';
import { rollOutRolling } from './rolling';
import { DEPLOYMENTS, isRollingUpdate, progressDeadlineMs, REPLICA_SETS, type Rollout } from './rollout';
import { isScalingEvent, scale } from './scale';
import { cleanUpHistory, sortReplicaSets, syncRevision } from './sync';

export const deploymentController: ControllerDefinition = {
  name: 'deployment-controller',
  serviceAccount: 'deployment-controller',
  create: createDeploymentController,
};

function createDeploymentController(context: ControllerContext): Controller {
  const { store, client } = context;
  indexOwnership(store, REPLICA_SETS);
  indexOwnership(store, 'pods');

  return {
    watches: [
      { collection: DEPLOYMENTS },
      watchDependents(REPLICA_SETS, {
        store,
        collection: DEPLOYMENTS,
        group: 'apps',
        kind: 'Deployment',
        matches: (deployment, labels) => matcherOf(deployment.spec.selector)(labels),
      }),
      { collection: 'pods', names: (event) => recreatesBecauseOf(context, event) },
    ],

    reconcile(name) {
      const key = splitName(name);
      const deployment = store.get(DEPLOYMENTS, key.namespace, key.name);
      if (!deployment) return undefined;
      if (selectsAll(deployment.spec.selector)) return refuse(context, deployment);
      const matches = matcherOf(deployment.spec.selector);
      const owned = claim({ store, client, collection: REPLICA_SETS, owner: deployment, matches });
      const rollout: Rollout = { context, deployment, ...sortReplicaSets(deployment, owned) };
      if (isTerminating(deployment)) {
        syncStatus(rollout);
        return undefined;
      }
      notePause(rollout);
      syncRevision(rollout);
      if (deployment.spec.paused || isScalingEvent(rollout)) {
        scale(rollout);
        if (deployment.spec.paused) cleanUpHistory(rollout);
        syncStatus(rollout);
        return undefined;
      }
      return isRollingUpdate(deployment) ? rollOutRolling(rollout) : rollOutRecreate(rollout);
    },
  };
}

/** A Recreate waits for the last old pod to be gone, which no ReplicaSet tells. */
function recreatesBecauseOf({ store }: ControllerContext, { type, object }: StoreEvent): string[] {
  if (type !== 'DELETED') return [];
  const { namespace } = object.metadata;
  const owner = controllerOf(object);
  const replicaSet = owner?.kind === 'ReplicaSet' && store.get(REPLICA_SETS, namespace, owner.name);
  const parent = replicaSet && controllerOf(replicaSet);
  const deployment = parent && store.get(DEPLOYMENTS, namespace, parent.name);
  return deployment && !isRollingUpdate(deployment) ? [nameOf(deployment)] : [];
}

/** Pausing stops the clock of the progress deadline; resuming starts it anew. */
function notePause(rollout: Rollout): void {
  const { deployment, context } = rollout;
  if (progressDeadlineMs(deployment) === undefined) return;
  const progressing = findCondition(deployment.status?.conditions, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return;
  const isNoted = progressing?.reason === 'DeploymentPaused';
  if (isNoted === (deployment.spec.paused ?? false)) return;
  const condition = {
    type: 'Progressing',
    status: 'Unknown',
    reason: isNoted ? 'DeploymentResumed' : 'DeploymentPaused',
    message: isNoted ? 'Deployment is resumed' : 'Deployment is paused',
  } as const;
  const now = context.simulation.clock.now();
  writeStatus(rollout, {
    ...deployment.status,
    conditions: setCondition(deployment.status?.conditions, condition, now),
  });
}

function refuse({ client, events }: ControllerContext, deployment: KubernetesObject): undefined {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.';
  events.event(deployment, 'Warning', 'SelectingAll', message);
  const { generation } = deployment.metadata;
  if ((deployment.status?.observedGeneration ?? 0) >= (generation ?? 0)) return undefined;
  client.updateStatus(DEPLOYMENTS, { ...deployment, status: { ...deployment.status, observedGeneration: generation } });
  return undefined;
}
