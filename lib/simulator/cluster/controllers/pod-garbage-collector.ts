/**
 * Pod garbage collection: pods that nobody else will ever remove.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection
 *
 * Every 20 seconds: pods on a node that has been gone for 40 seconds; pods that were deleted before they got to a node; pods
 * on a node that somebody declared out of service; and the oldest of more than 12,500 pods that ended.
 */
import { isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { isNotFound } from '../../../kubernetes/status-error';
import type { Controller, ControllerContext, ControllerDefinition } from './controller';
import { withDisruptionTarget } from './disruption-target';
import { isPodFinished } from './pods';
import { indexPodsByNode, podsOnNode } from './pods-by-node';

const SWEEP = 'sweep';
const SWEEP_MS = 20_000;
const QUARANTINE_MS = 40_000;
const MAX_FINISHED = 12_500;
const FINISHED = 'finished';
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

export const podGarbageCollector: ControllerDefinition = {
  name: 'pod-garbage-collector-controller',
  serviceAccount: 'pod-garbage-collector',
  create: createPodGarbageCollector,
};

function createPodGarbageCollector(context: ControllerContext): Controller {
  const { store, client } = context;
  const { clock } = context.simulation;
  indexPodsByNode(store);
  store.addIndex('pods', FINISHED, (pod) => (isPodFinished(pod) ? [FINISHED] : []));
  /** Nodes that pods name but that are not there, and since when. */
  const missing = new Map<string, number>();
  /** Pods to look at in the next sweep. */
  const suspects = new Map<string, KubernetesObject>();

  function reconcile(): undefined {
    for (const [node, since] of missing) {
      if (store.get('nodes', undefined, node)) missing.delete(node);
      else if (clock.now() - since >= QUARANTINE_MS) {
        for (const pod of podsOnNode(store, node)) removeOrphan(pod);
        missing.delete(node);
      } else context.enqueue(SWEEP, SWEEP_MS);
    }
    for (const [uid, { metadata }] of suspects) {
      const pod = store.get('pods', metadata.namespace, metadata.name!);
      if (pod?.metadata.uid === uid && isTerminating(pod) && (!pod.spec.nodeName || isOutOfService(pod))) remove(pod);
      suspects.delete(uid);
    }
    removeOldest();
    return undefined;
  }

  function removeOldest(): void {
    const surplus = store.countByIndex('pods', FINISHED, FINISHED) - MAX_FINISHED;
    if (surplus <= 0) return;
    const finished = [...store.byIndex('pods', FINISHED, FINISHED)];
    finished.sort((a, b) => (a.metadata.creationTimestamp! < b.metadata.creationTimestamp! ? -1 : 1));
    for (const pod of finished.slice(0, surplus)) remove(pod);
  }

  function removeOrphan(pod: KubernetesObject): void {
    if (!isPodFinished(pod)) {
      const why = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' };
      const target = withDisruptionTarget(pod, why, clock.now());
      client.updateStatus('pods', { ...target, status: { ...target.status, phase: 'Failed' } });
    }
    remove(pod);
  }

  function remove({ metadata }: KubernetesObject): void {
    try {
      client.delete('pods', metadata.namespace, metadata.name!, { gracePeriodSeconds: 0 });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  function isOutOfService({ spec }: KubernetesObject): boolean {
    const node = store.get('nodes', undefined, spec.nodeName);
    return (node?.spec?.taints ?? []).some(({ key }: { key: string }) => key === OUT_OF_SERVICE);
  }

  function look(pod: KubernetesObject): void {
    const { nodeName } = pod.spec;
    if (isTerminating(pod) && (!nodeName || isOutOfService(pod))) suspects.set(pod.metadata.uid!, pod);
    else if (nodeName && !missing.has(nodeName) && !store.get('nodes', undefined, nodeName)) miss(nodeName);
    else if (store.countByIndex('pods', FINISHED, FINISHED) <= MAX_FINISHED) return;
    context.enqueue(SWEEP, SWEEP_MS);
  }

  function miss(node: string): void {
    missing.set(node, clock.now());
    context.enqueue(SWEEP, SWEEP_MS);
  }

  return {
    watches: [
      {
        collection: 'pods',
        names: ({ type, object }) => {
          if (type !== 'DELETED') look(object);
          return [];
        },
      },
      {
        collection: 'nodes',
        names: ({ type, object }) => {
          const name = object.metadata.name!;
          if (type === 'DELETED') miss(name);
          else if (object.spec?.taints) podsOnNode(store, name).forEach(look);
          return [];
        },
      },
    ],
    reconcile,
  };
}
